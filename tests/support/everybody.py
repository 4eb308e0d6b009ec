"""Somebody for every kind of every policy, on one day on which all of them are open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask

from app import clock
from models.publication import Window
from models.worker import Worker
from tests.support import databases, factories, portal, registered, server
from tests.support.server import Server
from tests.support.settings import settings

ON = "2021-05-10T09:00"
"""A morning within the year of Henan's notice; Beijing has a window, the others always take."""

REGIONS = {
    "beijing": "110105",
    "chengdu": "510107",
    "national": "430102",
    "henan-2021": "410105",
    "guangdong": "440103",
}
TURN = date(2018, 6, 30)
OVER = {"guangdong": date(2020, 12, 31)}  # where one renews in the year after
COURSES = (date(2016, 5, 4), date(2019, 5, 6))
LASTS = {"completion": date(2022, 6, 30), "exchange": date(2022, 6, 30)}
YEARS = {"renewal": 2018, "late_renewal": 2015, "replacement": 2019}


@dataclass(frozen=True)
class Populated:
    """A running portal, and the account for each policy and kind; the password is PASSWORD."""

    server: Server
    accounts: dict[tuple[str, str], str]


def worker(policy: str, kind: str) -> Worker:
    """Somebody to whom the kind is open on the day."""
    region_code = REGIONS[policy]
    if kind == "first":
        return registered.somebody(2020, region_code)
    year = YEARS.get(kind, 2018) if policy == "beijing" else TURN.year
    made = registered.somebody(year - 1, region_code)
    dates: dict[str, Any] = {}
    if policy != "beijing":  # there a turn says it all
        until = LASTS.get(kind) or OVER.get(policy) or TURN.replace(year=2021)
        dates = {"registered_on": TURN, "valid_until": until}
    registered.registration(made, year, **dates)
    for on in COURSES:
        registered.hours(made, on, 72)
    return made


def _window() -> None:
    kinds = ["first", "renewal", "late_renewal", "replacement"]
    factories.keep(
        Window(
            region_code="110000",
            policy_code="beijing",
            title="2021年登记",
            kinds=kinds,
            opens_on=date(2021, 5, 1),
            closes_on=date(2021, 5, 31),
            overrides={},
            state="published",
        )
    )


@contextmanager
def served(wanted: list[tuple[str, str]], log: Path) -> Iterator[Populated]:
    """Run the portal on these people alone until the block ends."""
    name = f"{databases.worker()}_everybody"
    databases.fresh("sqlite", name)
    app = portal.build("sqlite", name)
    with app.app_context(), clock.frozen(ON):
        _window()
        accounts = {one: _account(worker(*one)) for one in wanted}
    _hang_up(app)
    environment = settings(databases.url("sqlite", name), databases.files(name), {"PORTAL_NOW": ON})
    with server.running(environment, log) as running:
        yield Populated(running, accounts)


def _account(of: Worker) -> str:
    links = {"worker_id": of.id}
    username: str = factories.account("applicant", of.region_code, **links).username
    return username


def _hang_up(app: Flask) -> None:
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()

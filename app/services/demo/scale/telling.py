"""Filling an empty database with a register of national size, and saying so."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from flask_babel import lazy_gettext as _l
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.queries.policies import policy_for
from app.rules.fields import Portrait, Slot
from app.rules.words import Words
from app.scope import as_system
from app.security import hash_password
from app.services.demo import cases, telling
from app.services.demo.people import People, holds_data, story
from app.services.demo.scale import people
from app.services.demo.scale.loading import Say, load
from app.services.demo.scale.mark import begin, clear, cut_short
from app.services.demo.scale.plan import Desk, Plan, Seat, read
from app.services.materials import store
from app.services.refusals import Refusal
from models.account import Account

PREFIXES = {"province_reviewer": "review", "city_reviewer": "city", "county_reviewer": "county"}
NOTHING = Words("", "")


def tell(workers: int, applications: int, seed: int, say: Say) -> Iterator[str]:
    """Load so many; one line for each step, progress through `say`.

    A load that was cut short is cleared away first. Raises Refusal when the database holds
    anything else.
    """
    again = cut_short()
    if not again:
        _refuse_data()
    begin()
    if again:
        say("clearing away a load that was cut short")
        clear()
    yield from _story()
    plan = read(workers, applications, seed, _pictures())
    with as_system("offices are there before anybody applies") as session, session.begin():
        plan = replace(plan, seats=_seats(session, plan))
    yield f"{len(plan.places)} regions, {len(plan.seats)} reviewers"
    load(plan, say)
    yield f"{workers} workers"
    yield f"{applications} applications, {plan.full} with their full history"


def _refuse_data() -> None:
    with as_system("a demonstration begins before anybody is there") as session:
        if holds_data(session):
            raise Refusal("not_empty", _l("The database already holds data; nothing was changed."))


def _story() -> Iterator[str]:
    """The demonstration's offices and applicants, its notices, and a window for all that opens by
    windows."""
    with as_system("a demonstration begins before anybody is there") as session, session.begin():
        made = People(session)
        made.offices()
    policy = policy_for(story()["window"]["region"], clock.today())
    cases.open_window([k.code for k in policy.kinds.values() if k.opens == "window"])
    cases.publish()
    with as_system("the roster was kept before the portal") as session, session.begin():
        made.session = session
        made.applicants(telling.exam_year(story()["window"]["region"]))
    yield f"{len(story()['accounts'])} office accounts, {len(made.units)} organizations"


def _pictures() -> Mapping[str, Mapping[str, Any]]:
    """The two stand-ins that all rows point at, with what their rows say of them."""
    return {
        "portrait": _picture(Slot("portrait", NOTHING, NOTHING, portrait=Portrait(413, 626))),
        "card": _picture(Slot("card", NOTHING, NOTHING)),
    }


def _picture(slot: Slot) -> dict[str, Any]:
    data = cases.picture(slot)
    width, height = Image.open(io.BytesIO(data)).size
    return {
        "digest": store().put(data),
        "media_type": "image/jpeg",
        "size": len(data),
        "width": width,
        "height": height,
        "original_name": f"{slot.name}.jpg",
    }


def _seats(session: Session, plan: Plan) -> dict[Desk, Seat]:
    """Somebody at every desk: the demonstration's reviewers, and new ones with their password."""
    accounts = session.scalars(select(Account).order_by(Account.id)).all()
    taken = {account.username for account in accounts}
    known: dict[tuple[str, str], list[Account]] = {}
    for account in accounts:
        for role in account.role_codes:
            known.setdefault((account.region_code, role), []).append(account)
    dice, password = Random(plan.seed), hash_password(story()["password"])  # noqa: S311
    roles = {role.name: role for role in session.scalars(select(_role_model()))}
    found = {}
    for desk in plan.desks():
        office, role, number = desk
        there = known.setdefault((office, role), [])
        if len(there) <= number:
            account = _account(desk, taken, people.name(dice), password)
            account.roles = [roles[role]]
            session.add(account)
            there.append(account)
        found[desk] = there[number]
    session.flush()
    return {
        (office, role, number): Seat(account.id, account.display_name, role, office)
        for (office, role, number), account in found.items()
    }


def _role_model() -> Any:
    return Account.roles.property.mapper.class_


def _account(desk: Desk, taken: set[str], name: str, password: str) -> Account:
    """A reviewer's account, named as the demonstration names its own: county_410105."""
    office, role, number = desk
    short = office.removesuffix("00").removesuffix("00")
    prefix = PREFIXES.get(role, role.partition("_")[0])
    username = f"{prefix}_{short}" + (f"_{number + 1}" if number else "")
    while username in taken:
        username += "_r"
    taken.add(username)
    return Account(
        username=username,
        first_name="",
        last_name=name,
        email=f"{username}@accounts.invalid",
        active=True,
        password=password,
        region_code=office,
        must_change_password=False,
    )

"""One page of a list of 50,000 workers: ours beside stock FAB, stock Flask-Admin and a bare route.

`python -m bench.lists [ROWS]` prints statements a page and the time as a multiple of a bare Flask
route with the ideal SQL. Everything runs on SQLite in a temporary folder, interleaved, so that a
noisy machine disturbs all alike.
"""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView as AdminView
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_migrate import upgrade
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event, select

from app.factory import create_app
from app.scope import as_system
from app.services import accounts, setup
from models.organization import Organization

ROUNDS = 25
REGIONS = ("410105", "410102", "510107", "110105")
PASSWORD = "Bench-password-1"  # noqa: S105 - of an account that lives for a minute
BARE = """<table>{% for row in rows %}<tr><td>{{ row.name }}</td><td>{{ row.kind }}</td>
<td>{{ row.credit_code }}</td><td>{{ row.region_code }}</td><td>{{ row.active }}</td></tr>
{% endfor %}</table>"""


def settings(folder: Path) -> dict[str, Any]:
    """A database and keys of their own."""
    return {
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/portal.db",
        "PORTAL_FILES": folder / "files",
        "PORTAL_QUEUE": folder / "queue.db",
        "PORTAL_JOBS": False,
        "RATELIMIT_ENABLED": False,
    }


def fill(rows: int) -> None:
    """Organizations in four counties, and an administrator of one of them."""
    upgrade()
    list(setup.initialise())
    with as_system("a measurement needs rows") as session, session.begin():
        for number in range(rows):
            session.add(organization(number))
            if number % 5000 == 0:
                session.flush()
                session.expunge_all()
        accounts.new_account(
            session,
            username="bench",
            name="bench",
            role="county_admin",
            region_code=REGIONS[0],
            password=PASSWORD,
            must_change=False,
        )


def organization(number: int) -> Organization:
    """One row; the check character does not matter to a list."""
    return Organization(
        name=f"社会工作服务中心{number}",
        kind="service",
        credit_code=f"{number:018d}",
        region_code=REGIONS[number % 4],
        active=True,
    )


def ours(app: Flask) -> Callable[[], int]:
    """The generated list, signed in as the administrator of one county."""
    client = app.test_client()
    form = client.get("/login/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None
    client.post("/login/", data={"username": "bench", "password": PASSWORD, "csrf_token": token[1]})
    return page(client, "/organizations/list/")


def peers(folder: Path) -> dict[str, Callable[[], int]]:
    """Stock FAB, stock Flask-Admin and a bare route on the same file."""
    app = Flask("peers")
    app.config.update(settings(folder), SECRET_KEY=PASSWORD, FAB_CREATE_DB=False)
    app.config.update(FAB_ROLES={"county_admin": [[".*", ".*"]]}, WTF_CSRF_ENABLED=False)
    stock = SQLAlchemy(app)  # its sessions know no scope
    with app.app_context():
        builder = AppBuilder(app, stock.session)
        view = type(
            "OrganizationPeer",
            (ModelView,),
            {
                "datamodel": SQLAInterface(Organization),
                "list_columns": ["name", "kind", "credit_code", "region_code", "active"],
            },
        )
        builder.add_view(view, "Organizations")
        console = Admin(app, url="/stock")
        console.add_view(AdminView(Organization, stock, endpoint="stock_orgs"))

    @app.get("/bare")
    def bare() -> str:
        query = select(Organization).where(Organization.region_code == REGIONS[0])
        rows = stock.session.scalars(query.order_by(Organization.id.desc()).limit(25)).all()
        return render_template_string(BARE, rows=rows)

    client = app.test_client()
    client.post("/login/", data={"username": "bench", "password": PASSWORD})
    return {
        "bare Flask route": page(client, "/bare"),
        "stock Flask-Admin": page(client, "/stock/stock_orgs/"),
        "stock FAB": page(client, "/organizationpeer/list/"),
    }


def page(client: FlaskClient, path: str) -> Callable[[], int]:
    """Fetch a page; gives its length, after checking that it is one."""

    def fetch() -> int:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return len(answer.data)

    return fetch


class Statements:
    """Counts what is sent to a database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *_: Any) -> None:
        self.count += 1


def measure(fetch: Callable[[], int]) -> float:
    """Seconds of one page."""
    begun = perf_counter()
    fetch()
    return perf_counter() - begun


def main(rows: int) -> None:
    """Fill, measure in turn, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app(settings(folder))
        with app.app_context():
            fill(rows)
        contestants = {"generated list": ours(app), **peers(folder)}
        counts = {name: count(fetch) for name, fetch in contestants.items()}
        times: dict[str, list[float]] = {n: [] for n in contestants}
        for _ in range(ROUNDS):
            for contestant, fetch in contestants.items():
                times[contestant].append(measure(fetch))
        report(rows, counts, {n: median(t) for n, t in times.items()})


def count(fetch: Callable[[], int]) -> int:
    """Statements of one page, once everything is warm."""
    fetch()
    statements = Statements()
    event.listen(Engine, "before_cursor_execute", statements)
    fetch()
    event.remove(Engine, "before_cursor_execute", statements)
    return statements.count


def report(rows: int, counts: dict[str, int], seconds: dict[str, float]) -> None:
    """The table: statements a page, and the time as a multiple of the bare route's."""
    print(f"{rows} rows; median of {ROUNDS} pages")  # noqa: T201 - the result
    for name, took in sorted(seconds.items(), key=lambda pair: pair[1]):
        ratio = took / seconds["bare Flask route"]
        print(f"{name:20} {counts[name]:3} statements  {ratio:5.1f} x")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)

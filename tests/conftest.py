"""Fixtures: the portal on a clean database of either kind, clients, the running portal, a browser.

A test that asks for `app`, `client` or `db` runs twice, on SQLite and on PostgreSQL, each time on a
database as `portal init` leaves it; with `@pytest.mark.demo` it holds the demo's rows as well.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser

from app import clock
from tests.support import browser as chromium
from tests.support import databases, portal, postgres, server, shared
from tests.support.databases import KINDS, Kind
from tests.support.settings import DEMO_NOW, settings

# Two cores shared by many make a deadline a matter of luck; CI wants the same cases every time.
hypothesis_settings.register_profile("portal", deadline=None, derandomize="CI" in os.environ)
hypothesis_settings.load_profile("portal")


def pytest_configure(config: pytest.Config) -> None:
    """Open the folder of the run, in the process that starts the workers."""
    if not hasattr(config, "workerinput"):
        shared.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started, and leave nothing behind."""
    if not hasattr(config, "workerinput"):
        postgres.stop()
        shared.end()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what touches a database on both kinds, or on those that the test names."""
    if "database" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("database")
        kinds = [
            pytest.param(kind, marks=pytest.mark.postgres if kind == "postgres" else ())
            for kind in (only.args if only else KINDS)
        ]
        metafunc.parametrize("database", kinds, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that walk a browser, and skip them where there is none.

    One that failed is tried once more, as a machine may be too slow for it; the summary names it.
    With `--dist loadgroup` those of a module stay together, and so with one server and one
    browser; groups come first, so that no worker is left alone with a long one at the end.
    """
    missing = pytest.mark.skip(reason="no Chromium here: `apt install chromium`")
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            if chromium.executable() is None:
                item.add_marker(missing)


def pytest_collection_finish() -> None:
    """Leave alone what lives until the end: the collector would look at thousands of tests again
    and again."""
    gc.freeze()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Kind:
    """The kind of database that this test runs on."""
    kind: Kind = request.param
    return kind


@pytest.fixture(scope="session")
def _portals() -> dict[Kind, Flask]:
    return {}


@pytest.fixture
def demo_now(request: pytest.FixtureRequest) -> str | None:
    """The instant of the demo's rows, when the test is marked for them: `@pytest.mark.demo`."""
    marker = request.node.get_closest_marker("demo")
    return (marker.args[0] if marker.args else DEMO_NOW) if marker else None


@pytest.fixture
def app(database: Kind, demo_now: str | None, _portals: dict[Kind, Flask]) -> Iterator[Flask]:
    """The application on a clean database; business time stands at the demo's instant."""
    name = f"{databases.worker()}_app"
    if database in _portals:
        _hang_up(_portals[database])
    databases.fresh(database, name, demo_now)
    if database not in _portals:
        _portals[database] = portal.build(database, name)
    with ExitStack() as frozen:
        if demo_now:
            frozen.enter_context(clock.frozen(demo_now))
        yield _portals[database]


@pytest.fixture
def make_app(
    database: Kind, demo_now: str | None, request: pytest.FixtureRequest
) -> Callable[..., Flask]:
    """Build an application of its own, with other settings: `make_app(PORTAL_RATE_LIMIT="on")`."""

    def make(**changed: str) -> Flask:
        name = f"{databases.worker()}_own"
        databases.fresh(database, name, demo_now)
        app = portal.build(database, name, **changed)
        request.addfinalizer(lambda: _hang_up(app))
        return app

    return make


def _hang_up(app: Flask) -> None:
    """Close every connection to the database, so that it can be replaced."""
    database: SQLAlchemy = app.extensions["sqlalchemy"]
    with app.app_context():
        database.session.remove()
        database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> portal.Client:
    """Somebody who has not signed in."""
    return new_client(app)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], portal.Client]:
    """A client signed in as one of the demo's accounts: `sign_in("county_410105")`."""
    return lambda username: new_client(app).sign_in(username)


@pytest.fixture
def with_token(app: Flask) -> Callable[[str], portal.Client]:
    """A client that sends a token of one of the demo's accounts."""
    return lambda username: new_client(app).with_token(username)


def new_client(app: Flask) -> portal.Client:
    """One more client of an application, with cookies of its own."""
    client = app.test_client()
    assert isinstance(client, portal.Client)
    return client


@pytest.fixture
def db(app: Flask) -> Iterator[SQLAlchemy]:
    """The database within an application context; requests of a client never share its session."""
    database: SQLAlchemy = app.extensions["sqlalchemy"]
    with app.app_context():
        yield database
        database.session.remove()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., server.Server]]:
    """Run the portal on the demo's rows: `serve()`, `serve(PORTAL_NOW="2020-08-01T00:00")`.

    The tests of one module share a server, and so its rows, for each choice of settings.
    """
    with ExitStack() as portals:
        known: dict[frozenset[tuple[str, str]], server.Server] = {}

        def start(kind: Kind = "sqlite", demo: str = DEMO_NOW, **changed: str) -> server.Server:
            key = frozenset({"kind": kind, "demo": demo, **changed}.items())
            if key not in known:
                name = f"{databases.worker()}_serve_{len(known)}"
                databases.fresh(kind, name, demo)
                chosen = {"PORTAL_NOW": demo, "PORTAL_JOBS": "on", **changed}
                environment = settings(databases.url(kind, name), databases.files(name), chosen)
                log: Path = tmp_path_factory.mktemp("portal") / "log"
                known[key] = portals.enter_context(server.running(environment, log))
            return known[key]

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once per module: while it runs its thread has an event loop, and signing a
    certificate, in the tests of other modules, needs one of its own."""
    with chromium.launched() as browser:
        yield browser


@pytest.fixture
def visitor(browser: Browser) -> Iterator[chromium.Visitor]:
    """Somebody at the browser; the test fails when a page has a fault that people don't see."""
    visitor = chromium.Visitor(browser)
    yield visitor
    for context in browser.contexts:
        context.close()
    assert visitor.faults == []

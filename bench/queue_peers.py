"""The peers of bench/queue.py on the same rows: a bare route, stock FAB and Django's admin."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import make_url, select, tuple_

from models.application import Application
from models.region import Region
from models.worker import Worker

try:
    import django
except ImportError:
    django = None  # type: ignore[assignment]

Page = str
Fetch = Callable[[], int]
SIZE = 25
PASSWORD = "Bench-password-1"  # noqa: S105 - of an account that lives for a minute
COLUMNS = ["reference", "kind", "level", "region_code", "submitted_at", "due_on", "stage"]
BARE = """<table>{% for row in rows %}<tr><td>{{ row.name }}</td><td>{{ row.id_number_masked }}</td>
<td>{{ row.kind }}</td><td>{{ row.level }}</td><td>{{ row.region }}</td><td>{{ row.submitted_at }}
</td><td>{{ row.reference }}</td><td>{{ row.due_on }}</td></tr>{% endfor %}</table>"""


@dataclass(frozen=True)
class Spot:
    """One office's queue, and what the pages ask of it."""

    level: str
    code: str
    username: str
    total: int
    depth: int
    cursor: int
    cursor_at: datetime
    kind: str
    name: str
    digest: str

    @property
    def wanted(self) -> dict[str, str]:
        """What the rows of the queue have in their columns: the nation's are of every office."""
        state = {"state": "in_review"}
        return state if self.level == "nation" else {**state, "office_code": self.code}


def page(client: Any, path: str) -> Fetch:
    """Fetch a page; gives its length, after checking that it is one."""

    def fetch() -> int:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return len(answer.content if hasattr(answer, "content") else answer.data)

    return fetch


def signed_in(app: Flask, username: str, password: str) -> FlaskClient:
    """A client with a session of this account."""
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)
    data = {"username": username, "password": password}
    client.post("/login/", data={**data, "csrf_token": token[1] if token else ""})
    return client


def all_of(app: Flask, spot: Spot, say: Callable[[str], None]) -> dict[str, dict[Page, Fetch]]:
    """Every peer that is installed, by name."""
    found = {"bare route": bare(app, spot), "stock FAB": stock(app, spot)}
    if django is None:
        say("Django is absent: pip install -r bench/requirements.txt")
        return found
    _begin_django(app.config["SQLALCHEMY_DATABASE_URI"])
    from bench import queue_django  # its models need the settings first

    return found | queue_django.admins(spot)


def bare(app: Flask, spot: Spot) -> dict[Page, Fetch]:
    """One statement by one index, one template: what no generated page can be faster than."""
    own = Flask("bare")
    own.config["SQLALCHEMY_DATABASE_URI"] = app.config["SQLALCHEMY_DATABASE_URI"]
    base = SQLAlchemy(own)  # its sessions know no scope
    national = spot.level == "nation"
    here = (Application.submitted_at, Application.id)
    oldest_first = tuple_(*here) > tuple_(spot.cursor_at, spot.cursor)
    asked: dict[Page, list[Any]] = {
        "first": [],
        "deep": [Application.id < spot.cursor if national else oldest_first],
        "kind": [Application.kind == spot.kind],
        "name": [Worker.name.like(f"{spot.name}%")],
        "identity": [Worker.id_number_digest == spot.digest],
    }

    @own.get("/<name>")
    def show(name: str) -> str:
        rows = base.session.execute(
            select(*_columns())
            .join(Worker, Worker.id == Application.worker_id)
            .join(Region, Region.code == Application.region_code)
            .where(*(getattr(Application, one) == it for one, it in spot.wanted.items()))
            .where(*asked[name])
            .order_by(*((Application.id.desc(),) if national else here))
            .limit(SIZE)
        ).all()
        return render_template_string(BARE, rows=rows)

    return {name: page(own.test_client(), f"/{name}") for name in asked}


def _columns() -> tuple[Any, ...]:
    shown = [getattr(Application, name) for name in COLUMNS]
    return *shown, Worker.name, Worker.id_number_masked, Region.name.label("region")


def stock(app: Flask, spot: Spot) -> dict[Page, Fetch]:
    """FAB's list on the same table, filtered to the same queue; it knows no search in a person."""
    own = Flask(f"stock_{spot.level}")
    own.config.update(
        SQLALCHEMY_DATABASE_URI=app.config["SQLALCHEMY_DATABASE_URI"],
        SECRET_KEY=PASSWORD,
        FAB_CREATE_DB=False,
        FAB_UPDATE_PERMS=False,
        FAB_ROLES={role: [[".*", ".*"]] for role in _roles(spot)},
        WTF_CSRF_ENABLED=False,
    )
    base = SQLAlchemy(own)
    with own.app_context():
        builder = AppBuilder(own, base.session)
        view = type(
            "QueuePeer",
            (ModelView,),
            {
                "datamodel": SQLAInterface(Application),
                "list_columns": COLUMNS,
                "base_order": ("id", "desc") if spot.level == "nation" else ("submitted_at", "asc"),
                "page_size": SIZE,
                "base_filters": [[name, FilterEqual, it] for name, it in spot.wanted.items()],
            },
        )
        builder.add_view(view, "Queue")
    client = signed_in(own, spot.username, "Portal-demo-1")
    number = spot.depth // SIZE
    asked = {"first": "", "deep": f"?page_QueuePeer={number}", "kind": f"?_flt_3_kind={spot.kind}"}
    return {name: page(client, f"/queuepeer/list/{query}") for name, query in asked.items()}


def _roles(spot: Spot) -> tuple[str, ...]:
    return f"{spot.level}_reviewer", "body_reviewer", "platform_admin"


def _begin_django(address: str) -> None:
    from django.conf import settings as configured

    if configured.configured:
        return
    url = make_url(address)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    configured.configure(
        SECRET_KEY=PASSWORD,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.queue_django",
        INSTALLED_APPS=[
            *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"),
            *("django.contrib.messages", "django.contrib.sessions"),
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.database,
                "USER": url.username or "",
                "PASSWORD": url.password or "",
                "HOST": url.query.get("host") or url.host or "",
                "PORT": str(url.port or ""),
                # its own tables stand apart from ours
                "OPTIONS": {"options": "-c search_path=bench_django,public"},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
    )
    django.setup()


@contextmanager
def django_statements(sent: list[tuple[str, Any]]) -> Iterator[None]:
    """What Django sends within the block, when it is there."""
    if django is None or not getattr(django, "apps", None) or not django.apps.apps.ready:
        yield
        return
    from django.db import connection

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        yield

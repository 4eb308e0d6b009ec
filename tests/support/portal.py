"""The portal in the test's own process, and clients that use it as people and programs do."""

import re
from contextvars import copy_context
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

import config
from tests.support import databases
from tests.support.databases import Kind
from tests.support.settings import settings

PASSWORD = "Portal-demo-1"
CSRF = re.compile(r'name="csrf_token"[^>]*\bvalue="([^"]+)"')


class Client(FlaskClient):
    """A test client whose requests share nothing with the test around them but the frozen clock."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request in a context of its own, as a server would."""
        return copy_context().run(self._open, *args, **kwargs)

    def _open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # a streamed answer ends in the context that began it
        with self.application.app_context():
            return super().open(*args, **kwargs)

    def csrf_token(self, page: str = "/login/") -> str:
        """The token that a form on this page carries."""
        found = CSRF.search(self.get(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def submit(self, path: str, data: dict[str, Any], page: str | None = None) -> TestResponse:
        """Post a form with the token of the page it is on (by default the same address)."""
        token = self.csrf_token(page or path)
        return self.post(path, data={"csrf_token": token, **data})

    def sign_in(self, username: str, password: str = PASSWORD) -> "Client":
        """Sign in as a person does; fails the test when the portal refuses."""
        answer = self.submit("/login/", {"username": username, "password": password})
        assert answer.status_code == 302, f"{username} was not signed in"
        assert "/login" not in answer.headers["Location"], f"{username} was not signed in"
        return self

    def with_token(self, username: str, password: str = PASSWORD) -> "Client":
        """Send a token of this account with every request, as a program does."""
        body = {"username": username, "password": password, "provider": "db"}
        answer = self.post("/api/v1/security/login", json=body)
        assert answer.status_code == 200, f"{username}: {answer.text}"
        self.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {answer.get_json()['access_token']}"
        return self


QUICK = "pbkdf2:sha256:1"
CHEAP = {
    "FAB_PASSWORD_HASH_METHOD": QUICK,
    "AUTH_DB_FAKE_PASSWORD_HASH_CHECK": generate_password_hash("", QUICK),
}
"""Hashes that take no time: many tests make accounts, and sign in or try to."""


def build(kind: Kind, name: str, **changed: str) -> Flask:
    """The real application on the database `name`, with the settings of the tests."""
    from app.factory import create_app  # the tests of rules don't wait for the frameworks

    environment = settings(databases.url(kind, name), databases.files(name), changed)
    app = create_app({**config.settings(environment), **CHEAP, "TESTING": True})
    app.test_client_class = Client
    return app


def cheap() -> Flask:
    """The portal of the environment, for `flask --app`; the accounts that it makes have these."""
    from app.factory import create_app

    return create_app(CHEAP)

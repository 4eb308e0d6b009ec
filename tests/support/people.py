"""Somebody at the portal: signed in without a sign-in, in a browser and in a program at once."""

import json
from functools import cached_property
from typing import Any

import prison  # type: ignore[import-untyped]
from flask import Flask
from flask_jwt_extended import create_access_token
from werkzeug.test import TestResponse

from models.account import Account
from tests.support import factories
from tests.support.portal import Client


class Person:
    """An account with a browser's cookie and a program's token, made without a password's hash."""

    def __init__(self, app: Flask, account: Account) -> None:
        self.app = app
        self.account = account

    @cached_property
    def browser(self) -> Client:
        """A client with the session of the account."""
        client = self.app.test_client()
        assert isinstance(client, Client)
        with client.session_transaction() as session:
            session.update({"_user_id": self.account.new_session(), "_fresh": True, "locale": "en"})
        return client

    @cached_property
    def program(self) -> Client:
        """A client with a token of the account."""
        client = self.app.test_client()
        assert isinstance(client, Client)
        with self.app.app_context():
            token = create_access_token(identity=str(self.account.id), fresh=True)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    @cached_property
    def csrf_token(self) -> str:
        """The token that forms of this session carry."""
        return self.browser.csrf_token("/account/password")

    def get(self, path: str) -> TestResponse:
        """A page."""
        return self.browser.get(path)

    def post(self, path: str, **data: Any) -> TestResponse:
        """A form of the portal's own."""
        return self.browser.post(path, data={"csrf_token": self.csrf_token, **data})

    def ask(self, path: str, **query: Any) -> TestResponse:
        """A call of the API; `query` is put in FAB's query language."""
        return self.program.get(
            f"/api/v1/{path}", query_string={"q": prison.dumps(query)} if query else None
        )

    def send(self, method: str, path: str, body: Any = None) -> TestResponse:
        """A writing call of the API."""
        given = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
        return self.program.open(f"/api/v1/{path}", method=method, **given)


def person(app: Flask, role: str, region_code: str, **links: Any) -> Person:
    """Somebody new with a role in a region."""
    with app.app_context():
        return Person(app, factories.account(role, region_code, **links))

"""People at a browser: somebody who acts, and the client that is signed in as them."""

import html
import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.scope import Actor
from app.security import actor_of
from models.account import Account
from tests.conftest import new_client
from tests.support import factories
from tests.support.portal import Client


@dataclass(frozen=True)
class Person:
    """Somebody with an account: `actor` for the portal's verbs, `client` for its pages."""

    actor: Actor
    client: Client

    def page(self, path: str, status: int = 200) -> str:
        """The readable text of a page; fails the test when the answer has another status."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return text(answer)

    def send(
        self, path: str, data: dict[str, Any], page: str = "/messages/", *, seen: Any = None
    ) -> TestResponse:
        """Post a form that is on a page of the portal; `seen` is the row that it shows as it is."""
        if seen is not None:
            data = {"version": factories.stored(type(seen), seen.id).version, **data}
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get(page).text)
        assert token, f"{page} carries no token"
        return self.client.post(path, data={"csrf_token": token[1], **data})


def text(answer: TestResponse) -> str:
    """What people read of a page, white space folded."""
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def person(app: Flask, role: str, region_code: str, **links: Any) -> Person:
    """Somebody new in a role, signed in."""
    return _signed_in(app, factories.account(role, region_code, **links))


def applicant(app: Flask, region_code: str = "110105", exam_year: int = 2019) -> Person:
    """A worker with a qualification of the year and an account, signed in."""
    worker = factories.worker(region_code)
    factories.qualification(worker, exam_year=exam_year)
    return person(app, "applicant", region_code, worker_id=worker.id)


def _signed_in(app: Flask, account: Account) -> Person:
    client = new_client(app).sign_in(account.username, factories.PASSWORD)
    return Person(actor_of(account, "192.0.2.1"), client)

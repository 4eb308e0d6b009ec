"""一键授权: whose drafts and whose personal information take the telephone (CD-14)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.scope import Actor
from app.services import applications, cases, drafts, identification, identities
from app.services.identities import Person
from models.account import Account
from models.application import Application
from models.event import Event
from models.message import Consent
from models.profile import Profile
from tests.support import factories
from tests.support.factories import acting, every

PHONE = "13911114444"
ASKS, FROM_PROFILE = "510107", "410105"
CITY = {"code": "city", "name": {"zh": "城市", "en": "City"}, "issuer": "", "client_id": ""}


@pytest.fixture(autouse=True)
def city(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A provider that is set up."""
    listed = [{**CITY, "client_secret": ""}]
    monkeypatch.setitem(app.config, "IDENTITY_PROVIDERS", listed)
    with app.app_context():
        yield


def somebody(region_code: str, **facts: Any) -> tuple[Actor, Person]:
    """An applicant who has linked what the provider says of them."""
    number = factories.id_number()
    worker = factories.worker(region_code, number=number)
    factories.qualification(worker)
    actor = factories.applicant(worker)
    said = {"phone": PHONE, "phone_proved": True, "verified": True, **facts}
    who = Person("city", f"of {worker.id}", worker.name, number, **said)
    with acting(actor):
        account = factories.stored(Account, actor.account_id)
        identities.link(account, who)
    return actor, who


def test_cd_14_the_telephone_reaches_a_draft_that_asks_for_it() -> None:
    actor, who = somebody(ASKS)
    with acting(actor):
        draft = applications.start("first")
        applications.save(draft.id, {"phone": "13900000000"})
        identification.fill(who, "我授权")
    (row,) = every(Application)
    assert row.form["phone"] == PHONE
    assert len(every(Consent, code="one_click_fill")) == 1


def test_cd_14_a_form_of_personal_information_takes_it_from_there() -> None:
    actor, who = somebody(FROM_PROFILE)
    with acting(actor):
        before = applications.start("first").version
        identification.fill(who, "我授权")
    (row,) = every(Application)
    assert row.version == before, "the form reads it anew, nothing is typed into it"
    (profile,) = every(Profile)
    assert (profile.basic["phone"], profile.carried["phone"]) == (PHONE, PHONE)
    with acting(actor):
        assert applications.form_of(applications.start("first")).values["phone"] == PHONE
    assert len(every(Event, verb="fill")) == 1


def test_cd_14_a_form_that_asks_for_no_telephone_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    actor, who = somebody(ASKS)
    with acting(actor):
        draft = applications.start("first")
        without = cases.terms_of(db.session(), draft)
        kind = drafts.locked_but(without.kind, {s.name for s in without.kind.fields} - {"phone"})
        terms = replace(without, kind=kind)
        monkeypatch.setattr(cases, "terms_of", lambda *_given: terms)
        before = draft.form.get("phone")
        identification.fill(who, "我授权")
    assert every(Application)[0].form.get("phone") == before != PHONE

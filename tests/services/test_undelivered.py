"""What nobody got: shown to the office of the person, sent again, or told in another way."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from app.scope import Actor, acting_as, as_system
from app.services import messages, outbox, undelivered
from app.services.refusals import Forbidden
from app.services.unattended import unattended
from models.event import Event
from models.message import Outbox
from tests.support import factories
from tests.support.race import race
from tests.views.people import person

pytestmark = pytest.mark.usefixtures("db")

ADMIN = ("county_admin", "110105")


@pytest.fixture
def failed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """A text message to somebody whose number nobody knows."""
    monkeypatch.setitem(app.config, "PORTAL_SMS", "http://127.0.0.1:1/")
    worker = factories.worker("110105", phone=None)
    with unattended("a test tells") as session:
        facts = {"carrier": "邮政", "tracking_number": "EA1", "number": "1"}
        messages.tell(session, worker.id, "sent", None, ("sms",), **facts)
    outbox.run_due()
    return row()


def row() -> Outbox:
    """The only row of the outbox."""
    with as_system("a test looks") as session:
        return session.scalars(select(Outbox)).one()


def acts() -> list[str]:
    """What happened to it, by the events."""
    with as_system("a test looks") as session:
        found = session.scalars(
            select(Event.verb).where(Event.verb.in_(("send_again", "told_otherwise")))
        )
        return list(found)


@pytest.mark.parametrize(("office", "sees"), [("110105", 1), ("110000", 1), ("110106", 0)])
def test_what_failed_is_shown_to_the_offices_of_the_person_alone(
    failed: Outbox, office: str, sees: int
) -> None:
    role = "province_admin" if office == "110000" else "county_admin"
    with acting_as(factories.actor(role, office)):
        found = undelivered.worklist()
        assert len(found) == sees
        assert all(one.reason == undelivered.NO_CONTACT for one in found)
        assert undelivered.again([failed.id]) == sees


def test_reviewers_and_applicants_have_no_such_list(failed: Outbox) -> None:
    for who in (factories.actor("county_reviewer", "110105"), None):
        with acting_as(who), pytest.raises(Forbidden):
            undelivered.worklist()


def test_after_the_number_is_on_record_it_is_sent_again_and_leaves_the_list(
    app: Flask, failed: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_SMS", "")
    with acting_as(factories.actor(*ADMIN)):
        assert undelivered.again([failed.id]) == 1
    outbox.run_due()
    with acting_as(factories.actor(*ADMIN)):
        assert undelivered.worklist() == []
    assert (row().state, acts()) == ("done", ["send_again"])


def test_who_was_telephoned_leaves_the_list_with_an_event(failed: Outbox) -> None:
    with acting_as(factories.actor(*ADMIN)):
        assert undelivered.settle([failed.id]) == 1
        assert undelivered.worklist() == []
        assert undelivered.settle([failed.id]) == 0
    assert (row().state, acts()) == ("settled", ["told_otherwise"])


def test_the_office_reads_in_its_own_language_what_the_message_was_about(
    app: Flask, failed: Outbox
) -> None:
    page, path = person(app, *ADMIN).page, "/messages/undelivered/"
    assert failed.payload["title"] == "登记证书已寄出"
    assert "登记证书已寄出" in page(path)
    assert "Your registration certificate is on its way" in page(f"{path}?_l_=en")
    with factories.changing(failed) as kept:
        kept.payload = {k: v for k, v in kept.payload.items() if k != "heading"}
    assert "登记证书已寄出" in page(f"{path}?_l_=en"), "one from before both were kept"


def test_the_page_names_the_person_and_the_reason_and_acts(app: Flask, failed: Outbox) -> None:
    admin = person(app, *ADMIN)
    path = "/messages/undelivered/"
    assert undelivered.NO_CONTACT.zh in admin.page(path)
    admin.send(f"{path}act", {"action": "again"})
    assert "请至少选择一条" in admin.page(path)
    admin.send(f"{path}act", {"action": "settle", "ids": str(failed.id)})
    assert undelivered.NO_CONTACT.zh not in admin.page(path)


@pytest.mark.database("postgres")
def test_two_who_send_it_again_at_once_send_it_once(app: Flask, failed: Outbox) -> None:
    admins = [factories.actor(*ADMIN) for _ in range(4)]

    def again(who: Actor) -> int:
        with acting_as(who):
            return undelivered.again([failed.id])

    counts = race(app, *[partial(again, who) for who in admins])
    assert sorted(counts) == [0, 0, 0, 1]
    assert acts() == ["send_again"]

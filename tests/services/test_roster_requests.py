"""反馈: sent with evidence, settled by the administrator of the region, and then the account."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from flask_sqlalchemy import SQLAlchemy

from app import clock, vault
from app.rules import quiet
from app.services import joining, materials, outbox, retention, roster_requests
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from app.services.roster import Match
from models.event import Event
from models.message import Outbox
from models.qualification import Qualification
from models.roster_request import RosterPicture, RosterRequest
from models.worker import Worker
from tests.support import factories, texts
from tests.support.cases import picture
from tests.support.factories import acting, every

HERE, THERE = "410105", "410102"
PHONE = "13911110000"


@pytest.fixture(autouse=True)
def sent(app: Flask, db: SQLAlchemy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that takes text messages and e-mails."""
    return texts.to_file(app, tmp_path, monkeypatch)


def values(number: str, **more: str | None) -> dict[str, str | None]:
    """A filled form."""
    return {
        "name": "王小红",
        "id_type": "id_card",
        "id_number": number,
        "phone": PHONE,
        "email": "wang@example.com",
        "level": "assistant",
        "exam_year": "2019",
        "management_number": "2019000000001",
        "region_code": HERE,
        "note": None,
        **more,
    }


def ask(number: str, files: list[bytes] | None = None, agreed: bool = True, **more: Any) -> None:
    """Send a request as anybody."""
    given = [picture(), picture()] if files is None else files
    roster_requests.send(roster_requests.check(values(number, **more), given, agreed), "192.0.2.7")


def admin(region_code: str = HERE) -> Any:
    """The administrator of a region."""
    return factories.actor("county_admin", region_code)


def match(number: str) -> Match:
    """What the registration finds."""
    who = {"name": "王小红", "id_type": "id_card", "id_number": number}
    return joining.match(who, True)[1]


def test_mc_04_a_request_waits_in_its_region_and_nowhere_else(db: SQLAlchemy) -> None:
    ask(factories.id_number())
    (row,) = every(RosterRequest)
    assert (row.state, row.region_code, row.agreed_from) == ("pending", HERE, "192.0.2.7")
    with acting(admin()):
        assert roster_requests.one(row.id).name == "王小红"
    with acting(admin(THERE)), pytest.raises(Missing):
        roster_requests.one(row.id)
    with acting(factories.actor("county_reviewer", HERE)), pytest.raises(Forbidden):
        roster_requests.one(row.id)


def test_mc_05_before_the_request_is_accepted_nobody_registers_and_then_they_do(
    sent: Path,
) -> None:
    number = factories.id_number()
    ask(number)
    with pytest.raises(Invalid) as refused:
        match(number)
    assert refused.value.code == "not_on_roster"
    with acting(admin()):
        roster_requests.accept(every(RosterRequest)[0].id)
    found = match(number)
    assert (found.management_number, found.phone) == ("2019000000001", PHONE)


def test_mc_05_the_person_is_told_by_text_and_by_mail(sent: Path) -> None:
    ask(factories.id_number())
    with acting(admin()):
        roster_requests.accept(every(RosterRequest)[0].id)
    assert {row.payload["channel"] for row in every(Outbox, job="answer")} == {"sms", "email"}
    outbox.run_due()
    lines = sent.read_text("utf-8")
    assert f" {PHONE} 王小红：" in lines
    assert " wang@example.com 王小红：" in lines
    assert "注册" in lines


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh_Hans_CN", "王小红：您反馈的信息未通过"),
        ("en", "王小红: your request was not accepted"),
    ],
)
def test_mc_05_the_answer_is_in_the_language_of_the_question(
    language: str, said: str, app: Flask, sent: Path
) -> None:
    with app.test_request_context(), force_locale(language):
        ask(factories.id_number())
    with acting(admin()):
        roster_requests.refuse(every(RosterRequest)[0].id, "照片看不清楚。")
    assert {row.payload["body"].startswith(said) for row in every(Outbox, job="answer")} == {True}


def test_an_accepted_person_stands_on_the_roster_as_the_request_says() -> None:
    number = factories.id_number(born=date(1991, 3, 4))
    ask(number)
    actor = admin()
    with acting(actor):
        worker = roster_requests.accept(every(RosterRequest)[0].id)
    (row,) = every(Worker, id=worker.id)
    assert vault.unseal(row.id_number_cipher) == number
    assert (row.born_on.year, row.region_code, row.real_name) == (1991, HERE, False)
    (held,) = every(Qualification, worker_id=row.id)
    assert (held.level, held.exam_year, held.verified) == ("assistant", 2019, True)
    (request,) = every(RosterRequest)
    assert (request.state, request.settled_by) == ("accepted", actor.account_id)
    assert request.worker_id == row.id
    assert [event.verb for event in every(Event, subject=f"roster_request:{request.id}")] == [
        "ask",
        "accept",
    ]


def test_a_refusal_says_why_and_leaves_the_roster_alone(sent: Path) -> None:
    ask(factories.id_number(), email=None)
    (row,) = every(RosterRequest)
    with acting(admin()):
        with pytest.raises(Invalid):
            roster_requests.refuse(row.id, " ")
        roster_requests.refuse(row.id, "证书照片不清晰")
    outbox.run_due()
    assert "证书照片不清晰" in sent.read_text("utf-8")
    assert every(Worker) == []


def test_a_request_is_settled_once(db: SQLAlchemy) -> None:
    ask(factories.id_number())
    (row,) = every(RosterRequest)
    with acting(admin()):
        with pytest.raises(Conflict):
            roster_requests.accept(row.id, row.version + 1)
        roster_requests.accept(row.id, row.version)
    with acting(admin()), pytest.raises(Conflict):
        roster_requests.refuse(row.id, "too late")


def test_somebody_known_gets_the_new_telephone_and_keeps_the_rest() -> None:
    """The way to a new telephone for whoever cannot prove the old one."""
    number = factories.id_number()
    worker = factories.worker(HERE, number=number, name="王晓红", phone="13900000000")
    held = factories.qualification(worker, management_number="2019000000001")
    ask(number)
    with acting(admin()):
        assert roster_requests.known(every(RosterRequest)[0]).name == "王晓红"  # type: ignore[union-attr]
        roster_requests.accept(every(RosterRequest)[0].id)
    (row,) = every(Worker)
    assert [one.verb for one in every(Event, subject=f"worker:{row.id}")] == ["update"]
    assert (row.id, row.name, row.phone) == (worker.id, "王小红", PHONE)
    assert [one.id for one in every(Qualification)] == [held.id]


def test_a_number_of_another_region_is_refused_with_a_sentence() -> None:
    number = factories.id_number()
    factories.worker(THERE, number=number)
    ask(number)
    with acting(admin()), pytest.raises(Conflict) as refused:
        roster_requests.accept(every(RosterRequest)[0].id)
    assert refused.value.code == "elsewhere"
    assert every(RosterRequest)[0].state == "pending"


def test_a_certificate_of_somebody_else_is_refused() -> None:
    other = factories.worker(HERE)
    factories.qualification(other, management_number="2019000000001")
    ask(factories.id_number())
    with acting(admin()), pytest.raises(Conflict):
        roster_requests.accept(every(RosterRequest)[0].id)
    assert len(every(Worker)) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"files": []}, "evidence"),
        ({"files": [b"%PDF-1.4"]}, "evidence"),
        ({"files": [picture()[:300]]}, "evidence"),
        ({"files": [picture()] * 5}, "evidence"),
        ({"agreed": False}, "agree"),
        ({"region_code": "410000"}, "region_code"),
        ({"region_code": "999999"}, "region_code"),
        ({"phone": "12"}, "phone"),
        ({"management_number": ""}, "management_number"),
        ({"exam_year": "2100"}, "exam_year"),
        ({"phone": "12"}, "evidence"),
    ],
)
@pytest.mark.database("sqlite")
def test_what_is_missing_or_wrong_is_named_and_nothing_is_kept(
    more: dict[str, Any], field: str, db: SQLAlchemy
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(factories.id_number(), **more)
    assert field in refused.value.errors
    assert every(RosterRequest) == []


def test_a_malformed_number_is_named(db: SQLAlchemy) -> None:
    with pytest.raises(Invalid) as refused:
        ask("110105199003078888")
    assert list(refused.value.errors) == ["id_number", "evidence"]  # the browser lost the pictures


def test_the_pictures_are_marked_with_whoever_looks_and_the_look_is_on_record() -> None:
    sent_in = picture()
    ask(factories.id_number(), [sent_in])
    (row,) = every(RosterRequest)
    with acting(admin()):
        shown = roster_requests.evidence(row.id, 0)
        assert shown.startswith(b"\xff\xd8")
        assert shown != sent_in
        for number in (-1, 1):
            with pytest.raises(Missing):
                roster_requests.evidence(row.id, number)
    with acting(admin(THERE)), pytest.raises(Missing):
        roster_requests.evidence(row.id, 0)
    assert len(every(Event, verb="look")) == 1


def test_the_pictures_stay_until_their_time_after_the_answer_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BEING_STORED", -retention.BEING_STORED)
    with clock.frozen("2026-01-05T09:00"):
        ask(factories.id_number(), [picture()])
        (row,) = every(RosterRequest)
        (kept,) = every(RosterPicture)
        retention.sweep()
    with acting(admin(), "2026-01-06T09:00"):
        assert roster_requests.evidence(row.id, 0)
        roster_requests.refuse(row.id, "照片不清晰")
    for day, erased in (("2026-07-05T08:00", 0), ("2026-07-06T09:00", 1)):
        with clock.frozen(day):
            assert roster_requests.erase_evidence() == erased
            retention.sweep()
        assert len(every(RosterPicture)) == 1 - erased
        assert materials.store().exists(kept.digest) == (not erased)
    assert len(every(Event, verb="erase")) == 1
    with acting(admin()), pytest.raises(Missing):
        roster_requests.evidence(row.id, 0)


def test_an_answer_by_text_message_waits_for_the_morning(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an e-mail wakes nobody."""
    monkeypatch.setitem(app.config, "PORTAL_QUIET_HOURS", quiet.parse("21:00-08:00"))
    moment = datetime.fromisoformat("2026-03-02T22:30+08:00")
    monkeypatch.setattr(clock, "real_now", lambda: moment)
    ask(factories.id_number())
    with acting(admin()):
        roster_requests.accept(every(RosterRequest)[0].id)
    due = {
        row.payload["channel"]: f"{clock.local(row.due_at):%d %H:%M}"
        for row in every(Outbox, job="answer")
    }
    assert due == {"sms": "03 08:00", "email": "02 22:30"}


def test_an_answer_is_recorded_where_no_gateway_is_set(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_SMS", "")
    ask(factories.id_number())
    with acting(admin()):
        roster_requests.accept(every(RosterRequest)[0].id)
    outbox.run_due()
    answers = every(Outbox, job="answer")
    assert [(row.state, row.payload["provider"]) for row in answers] == [("done", "record")] * 2

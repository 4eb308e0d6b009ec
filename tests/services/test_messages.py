"""Messages: in the words of their template, to the person they are for and nobody else."""

import logging
from dataclasses import replace
from datetime import date, datetime
from typing import Any, get_args

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.rules import quiet
from app.rules.kinds import Notice, Ways
from app.rules.words import BLANK
from app.scope import Actor, acting_as, as_system
from app.services import accounts, messages, outbox, policies, reference_data
from app.services.bilingual import both
from app.services.message_texts import TEXTS, blanks_of
from app.services.refusals import Forbidden, Invalid, Missing
from app.services.unattended import unattended
from models.codes import MEASURE_REASONS
from models.event import Event
from models.message import Message, MessageTemplate, Outbox
from tests.services.approved import Case, approved
from tests.support import factories

pytestmark = pytest.mark.usefixtures("db")

REASON = "身份证照片不清晰，请重新上传"


def tell(case: Case, template: str, **facts: Any) -> None:
    """Tell the case's person, as a verb of the office does."""
    given = {"valid_until": date(2023, 5, 31), **facts}
    with unattended("a test tells") as session:
        messages.tell(session, case.worker.id, template, case.application, **given)


def edit(code: str, **changes: str) -> None:
    """Edit a template as the console does."""
    with as_system("a test edits") as session:
        row = session.scalars(select(MessageTemplate).where(MessageTemplate.code == code)).one()
        for name, value in changes.items():
            setattr(row, name, value)
        session.commit()


def inbox_of(who: Actor) -> list[Message]:
    """The messages that somebody sees."""
    with acting_as(who):
        return list(messages.inbox().rows)


def promised() -> list[Outbox]:
    """All rows of the outbox."""
    with as_system("a test looks") as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def test_bj_38_a_rejection_tells_the_reason_by_message_and_text_message() -> None:
    case = approved()
    tell(case, "rejected", reason=REASON)
    (message,) = inbox_of(case.applicant)
    assert message.title == "首登记审核不通过"
    assert message.body.startswith(f"王小红：您的首登记申请（编号{case.application.reference}）")
    assert f"审核意见：{REASON}" in message.body
    (sms,) = promised()
    assert sms.job == "sms"
    assert f"审核意见：{REASON}" in sms.payload["body"]


def test_x_24_the_channels_are_those_of_the_policy_unless_said_otherwise() -> None:
    here, elsewhere = approved("110105"), approved("410105")
    tell(here, "approved")
    tell(elsewhere, "approved")
    assert [row.job for row in promised()] == ["sms", "email"]
    tell(here, "approved", channels=("inbox",))
    assert len(promised()) == 2
    assert len(inbox_of(here.applicant)) == 2


def speaks(who: Actor, language: str) -> None:
    """Let somebody choose the language, as with the switch on every page."""
    accounts.speak(who, language)


def test_a_message_in_the_inbox_reads_in_both_languages() -> None:
    case = approved()
    tell(case, "rejected", reason=REASON)
    (message,) = inbox_of(case.applicant)
    assert message.heading.zh == "首登记审核不通过"
    assert message.heading.en == "First registration: not approved"
    assert "审核意见：" in message.text.zh
    assert "The reviewer says: " in message.text.en
    assert REASON in message.text.en  # what somebody typed stays as it was typed


def test_a_message_of_before_has_chinese_alone() -> None:
    case = approved()
    factories.keep(Message(user_id=case.applicant.account_id, title="题", body="文"))
    (message,) = inbox_of(case.applicant)
    assert (message.heading.en, message.text.en) == ("题", "文")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [(None, "您的首登记申请审核不通过"), ("zh_Hans_CN", "您的首登记"), ("en", "Your application")],
)
def test_what_is_sent_is_in_the_language_of_the_account(chosen: str | None, said: str) -> None:
    case = approved()
    if chosen:
        speaks(case.applicant, chosen)
    tell(case, "rejected", reason=REASON, channels=("inbox", "sms", "email"))
    sms, email = promised()
    assert said in sms.payload["body"]
    assert ("not approved" in email.payload["title"]) == (chosen == "en")


def test_choosing_a_language_is_on_record_once() -> None:
    case = approved()
    for language in ("en", "en", "zh_Hans_CN"):
        speaks(case.applicant, language)
    subject = f"account:{case.applicant.account_id}"
    with as_system("a test looks") as session:
        acts = session.scalars(select(Event).where(Event.subject == subject).order_by(Event.seq))
        chosen = [(act.reason, act.actor_id) for act in acts if act.verb == "choose_language"]
    who = case.applicant.account_id
    assert chosen == [("en", who), ("zh_Hans_CN", who)]


def test_a_word_that_waits_for_a_language_comes_out_in_both() -> None:
    case = approved()
    reason = MEASURE_REASONS["own_wish"]
    tell(case, "cancelled", reason=reason, number="1", channels=("inbox",))
    (message,) = inbox_of(case.applicant)
    told = both(reason)
    assert told.zh in message.text.zh
    assert told.en in message.text.en
    assert told.zh != told.en


def test_the_outbox_keeps_the_text_and_no_number_or_address() -> None:
    case = approved()
    tell(case, "approved", channels=("sms", "email"))
    for row in promised():
        assert set(row.payload) == {"worker_id", "title", "body", "reference", "heading"}
        assert "13800000000" not in str(row.payload)
        assert "wang@example.com" not in str(row.payload)


@pytest.mark.slow
def test_an_edited_template_is_used_from_then_on_and_survives_an_update() -> None:
    case = approved()
    edit("approved", title_zh="登记完成", body_zh="{name}您好，{reference}已办结。")
    with as_system("a test") as session, session.begin():
        messages.install(session)
        policies.install(session)
    tell(case, "approved", channels=("inbox",))
    (message,) = inbox_of(case.applicant)
    assert (message.title, message.body) == (
        "登记完成",
        f"王小红您好，{case.application.reference}已办结。",
    )


def test_a_template_that_cannot_be_filled_never_stops_a_decision() -> None:
    case = approved()
    edit("approved", body_zh="您的奖金为{bonus}元")
    assert messages.faults_of_template("approved", ["您的奖金为{bonus}元", "{name}"]) == ["bonus"]
    tell(case, "approved", channels=("inbox",))
    (message,) = inbox_of(case.applicant)
    assert "审核通过，登记完成" in message.body
    assert "有效期至2023年5月31日" in message.body


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.database("sqlite")
def test_every_text_has_both_languages_with_the_same_blanks(code: str) -> None:
    text = TEXTS[code]
    for words in filter(None, (text.title, text.body, text.sms)):
        assert words.zh.strip()
        assert words.en.strip()
        assert set(BLANK.findall(words.en)) == set(BLANK.findall(words.zh)) <= blanks_of(code)


def test_a_message_is_its_owners_alone_and_read_once() -> None:
    case, other = approved(), approved()
    tell(case, "approved", channels=("inbox",))
    office = factories.actor("body_reviewer", "110000")
    platform = factories.actor("platform_admin", "000000")
    for stranger in (other.applicant, office, platform):
        assert inbox_of(stranger) == []
        with acting_as(stranger), pytest.raises(Missing):
            messages.read(1)
    with factories.acting(case.applicant, "2020-07-16T09:00"):
        assert messages.unread() == 1
        read = messages.read(1)
        assert messages.unread() == 0
    with factories.acting(case.applicant, "2020-07-17T09:00"):
        assert messages.read(1).read_at == clock.parse("2020-07-16T09:00") == read.read_at
    with as_system("a test looks") as session:
        events = session.scalars(select(Event).where(Event.subject == "message:1")).all()
    assert [(event.verb, event.actor_id) for event in events] == [
        ("read", case.applicant.account_id)
    ]


def test_nobody_reads_without_signing_in() -> None:
    assert messages.unread() == 0
    with pytest.raises(Forbidden):
        messages.read(1)


def test_somebody_without_an_account_is_told_by_the_other_channels() -> None:
    worker = factories.worker("110105")
    with unattended("a test tells") as session:
        messages.tell(session, worker.id, "collected", number="1", channels=("inbox", "sms"))
    (row,) = promised()
    assert row.payload["body"].startswith("王小红：您的登记证书（编号1）已领取")


def test_the_office_sees_what_was_sent_about_its_cases_and_whether_it_really_was() -> None:
    case, other = approved(), approved()
    tell(case, "rejected", reason=REASON)
    tell(other, "approved")
    outbox.run_due()
    with acting_as(factories.actor("body_reviewer", "110000")):
        (sent,) = messages.told(case.application.id)
    assert (sent.channel, sent.state, sent.provider) == ("sms", "done", "record")
    assert REASON in sent.body
    with acting_as(factories.actor("county_reviewer", "410105")), pytest.raises(Missing):
        messages.told(case.application.id)


def test_without_a_provider_texts_are_recorded_and_the_log_holds_no_person(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_MAIL", "")
    tell(approved(), "rejected", reason=REASON, channels=("sms", "email"))
    with caplog.at_level(logging.INFO, logger="app"):
        assert outbox.run_due() == 2
    assert [(r.state, r.payload["provider"]) for r in promised()] == [("done", "record")] * 2
    assert "recorded, not sent" in caplog.text
    for personal in ("王小红", REASON, "13800000000", "wang@example.com"):
        assert personal not in caplog.text


def test_every_message_about_a_case_can_have_ways_of_its_own() -> None:
    about_no_case = {"amended", "correction", "own_export"}  # told in the portal alone
    assert set(get_args(Notice)) == set(TEXTS) - about_no_case


def test_x_24_a_policy_may_name_other_ways_for_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = (Ways("returned", ("inbox", "sms", "email")),)
    plain = messages._kind_of
    monkeypatch.setattr(
        messages,
        "_kind_of",
        lambda case: replace(plain(case), notify_of=ways),  # type: ignore[type-var]
    )
    case = approved("410105")
    tell(case, "approved")
    assert [row.job for row in promised()] == ["email"]
    tell(case, "returned", reason=REASON)
    assert [row.job for row in promised()][1:] == ["sms", "email"]


@pytest.mark.parametrize(
    ("now", "due"),
    [("2026-03-02T22:30", "2026-03-03T08:00"), ("2026-03-02T20:59", "2026-03-02T20:59")],
)
def test_a_text_message_at_night_waits_for_the_morning_and_an_e_mail_does_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch, now: str, due: str
) -> None:
    monkeypatch.setitem(app.config, "PORTAL_QUIET_HOURS", quiet.parse("21:00-08:00"))
    moment = datetime.fromisoformat(f"{now}+08:00")
    monkeypatch.setattr(clock, "real_now", lambda: moment)
    tell(approved(), "rejected", reason=REASON, channels=("sms", "email"))
    waiting = {row.job: f"{clock.local(row.due_at):%Y-%m-%dT%H:%M}" for row in promised()}
    assert waiting == {"sms": due, "email": now}


def test_a_template_with_a_blank_that_nothing_fills_is_not_stored() -> None:
    with as_system("a test looks") as session:
        row = session.scalars(select(MessageTemplate).where(MessageTemplate.code == "sent")).one()
    with acting_as(factories.actor("platform_admin", "000000")), pytest.raises(Invalid) as refused:
        reference_data.keep(row, lambda it: setattr(it, "body_zh", "{name}：{nummer}"))
    assert "{nummer}" in str(refused.value.sentence)
    assert "{tracking_number}" in str(refused.value.sentence)
    with as_system("a test looks") as session:
        assert "{nummer}" not in session.get_one(MessageTemplate, row.id).body_zh

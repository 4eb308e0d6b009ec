"""我的消息: read whole, marked read by a POST, one's own only."""

from flask import Flask
from sqlalchemy import select

from app.scope import as_system
from models.account import Account
from models.message import Message
from tests.conftest import new_client
from tests.support.cases import REASON, case
from tests.support.factories import PASSWORD, stored
from tests.views.people import applicant, person, text


def keys_of(account_id: int) -> list[int]:
    """The messages of an account, the oldest first."""
    with as_system("a test looks") as session:
        query = select(Message.id).filter_by(user_id=account_id)
        return list(session.scalars(query.order_by(Message.id)))


def test_bj_61_a_result_is_unread_until_it_is_marked(app: Flask) -> None:
    who = applicant(app)
    case(who.actor, rejected=True)
    shown = who.page("/messages/")
    assert REASON in shown
    assert "未读" in shown
    assert who.page("/messages/") == shown
    keys = keys_of(who.actor.account_id)
    who.send("/messages/read", {"ids": keys})
    assert "全部标为已读" not in who.page("/messages/")
    assert all(stored(Message, key).read_at for key in keys)
    assert "首登记" in who.page("/messages/")


def test_whoever_reads_in_english_reads_the_messages_in_english(app: Flask) -> None:
    who = applicant(app)
    case(who.actor, rejected=True)
    assert "首登记审核不通过" in who.page("/messages/")
    who.send("/language", {"locale": "en", "next": "/messages/"})
    shown = who.page("/messages/")
    assert "First registration: not approved" in shown
    assert REASON in shown
    assert "审核意见" not in shown


def test_the_language_follows_the_account_to_another_browser(app: Flask) -> None:
    who = applicant(app)
    who.send("/language", {"locale": "en"})
    account = stored(Account, who.actor.account_id)
    assert account.language == "en"
    elsewhere = new_client(app).sign_in(account.username, PASSWORD)
    assert "My messages" in text(elsewhere.get("/messages/"))


def test_a_language_chosen_on_the_sign_in_page_is_kept_by_the_account(app: Flask) -> None:
    who = applicant(app)
    account = stored(Account, who.actor.account_id)
    client = new_client(app)
    with client.session_transaction() as kept:
        kept["locale"] = "en"
    client.sign_in(account.username, PASSWORD)
    assert stored(Account, account.id).language == "en"


def test_bj_61_nobody_reads_or_marks_anothers(app: Flask) -> None:
    who, other = applicant(app), applicant(app)
    case(who.actor, rejected=True)
    (key,) = keys_of(who.actor.account_id)
    assert REASON not in other.page("/messages/")
    assert other.send("/messages/read", {"ids": [key]}).status_code == 404
    assert stored(Message, key).read_at is None
    office = person(app, "body_reviewer", "110000")
    assert REASON not in office.page("/messages/")


def test_marking_nothing_or_nonsense_changes_nothing(app: Flask) -> None:
    who = applicant(app)
    case(who.actor, rejected=True)
    (key,) = keys_of(who.actor.account_id)
    for ids in ([], ["x"], ["-1"]):
        assert who.send("/messages/read", {"ids": ids}).status_code == 302
    assert stored(Message, key).read_at is None

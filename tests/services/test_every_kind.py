"""Every kind from its first click to its certificate, by the portal's own verbs."""

from datetime import date

import pytest

from app.scope import Actor
from app.services import applications
from models.application import Application
from models.certificate import Certificate, Delivery
from models.message import Message, Outbox
from models.registration import Registration
from tests.support import registered
from tests.support.cases import decide
from tests.support.factories import acting, every, stored

pytestmark = pytest.mark.usefixtures("db")


def approved(who: Actor, kind: str, case: str | None = None) -> Application:
    """A case of a kind, handed in with all its pictures and approved at its only stage."""
    with acting(who):
        draft = registered.begun(kind, case)
        registered.attached(draft)
        applications.submit(draft.id, agreed=["truth"])
    decide(draft.id, "approve")
    return stored(Application, draft.id)


def turns_of(who: Actor) -> list[tuple[str, int, str]]:
    """The register of somebody."""
    rows = every(Registration, worker_id=who.worker_id)
    return [(row.kind, row.cycle_year, row.state) for row in rows]


@pytest.mark.slow
def test_bj_11_a_renewal_is_one_message_of_each_kind_and_one_turn() -> None:
    registered.windows()
    who = registered.registered_in(2017)
    registered.hours(registered.worker_of(who), date(2019, 5, 1), 72)
    assert approved(who, "renewal").state == "issued"
    assert turns_of(who) == [("first", 2017, "verified"), ("renewal", 2020, "verified")]
    (issued,) = every(Certificate)
    assert (issued.level, issued.valid_until) == ("assistant", date(2023, 5, 31))
    assert every(Delivery) == []
    assert len(every(Outbox, job="sms")) == 1
    assert [one.title for one in every(Message)] == ["再登记审核通过", "登记证书已出证"]


@pytest.mark.slow
def test_bj_44_a_late_renewal_settles_all_that_was_missed() -> None:
    registered.windows()
    who = registered.registered_in(2014)
    for on in (date(2015, 5, 1), date(2018, 5, 1)):
        registered.hours(registered.worker_of(who), on, 72)
    made = approved(who, "late_renewal")
    assert (made.state, made.turns) == ("issued", [2017, 2020])
    assert [(kind, turn) for kind, turn, _ in turns_of(who)[1:]] == [
        ("late_renewal", 2017),
        ("renewal", 2020),
    ]


def test_bj_48_what_was_lost_is_replaced_and_posted() -> None:
    registered.windows()
    who = registered.registered_in(2018)
    registered.hours(registered.worker_of(who), date(2019, 5, 1), 8)
    assert approved(who, "replacement", "lost").state == "issued"
    assert len(turns_of(who)) == 1
    (issued,) = every(Certificate)
    assert issued.valid_until == date(2021, 5, 31)
    assert [one.method for one in every(Delivery)] == ["post"]


@pytest.mark.slow
def test_bj_47_who_was_never_registered_begins_with_a_replacement() -> None:
    registered.windows()
    who = registered.registered_in()
    registered.hours(registered.worker_of(who), date(2019, 5, 1), 8)
    assert approved(who, "replacement", "never_registered").state == "issued"
    assert turns_of(who) == [("first", 2020, "verified")]

"""Deliveries: labels for the post, a tracking number for the holder, handing out at the counter."""

import pytest
from sqlalchemy import select

from app import clock
from app.queries.listing import Filter
from app.scope import acting_as, as_system
from app.services import certificates, deliveries, messages
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.certificate import Delivery
from models.event import Event
from tests.documents.reading import whole_text
from tests.services.approved import COLLECTED, POSTED, Case, approved
from tests.support import factories

pytestmark = pytest.mark.usefixtures("db")

AT = "2020-07-20T15:00"


def waiting(case: Case) -> int:
    """The key of the delivery of a case's certificate, which is issued now."""
    issued = certificates.issue(case.application.id)
    with as_system("a test looks") as session:
        key = session.scalar(select(Delivery.id).where(Delivery.certificate_id == issued.id))
    assert key is not None
    return key


def test_ba_25_the_holder_reads_carrier_and_tracking_number() -> None:
    case = approved()
    key = waiting(case)
    with factories.acting(factories.actor("body_reviewer", "110000"), AT):
        deliveries.send(key, " 顺丰速运 ", "SF1234567890")
    sent = factories.stored(Delivery, key)
    assert (sent.state, sent.sent_at) == ("sent", clock.parse(AT))
    assert (sent.carrier, sent.tracking_number) == ("顺丰速运", "SF1234567890")
    with acting_as(case.applicant):
        newest = messages.inbox().rows[0]
    assert newest.title == "登记证书已寄出"
    assert "已由顺丰速运寄出，运单号SF1234567890" in newest.body
    assert sent.certificate_number in newest.body


def test_sending_is_on_record() -> None:
    key = waiting(approved())
    office = factories.actor("body_reviewer", "110000")
    with acting_as(office):
        deliveries.send(key, "EMS", "EX123456789CN")
        deliveries.send(key, "EMS", "EX123456780CN")
    with as_system("a test looks") as session:
        acts = session.scalars(
            select(Event).where(Event.subject == f"delivery:{key}").order_by(Event.seq)
        ).all()
    assert [(act.verb, act.from_state, act.to_state, act.reason) for act in acts] == [
        ("send", "pending", "sent", "EX123456789CN"),
        ("send", "sent", "sent", "EX123456780CN"),
    ]
    assert {act.actor_id for act in acts} == {office.account_id}


def test_a_correction_keeps_the_day_it_left() -> None:
    key = waiting(approved())
    office = factories.actor("body_reviewer", "110000")
    for at, number in ((AT, "EX123456789CN"), ("2020-07-25T09:00", "EX123456780CN")):
        with factories.acting(office, at):
            deliveries.send(key, "EMS", number)
    sent = factories.stored(Delivery, key)
    assert (sent.sent_at, sent.tracking_number) == (clock.parse(AT), "EX123456780CN")


@pytest.mark.parametrize(
    ("carrier", "number", "wrong"),
    [
        ("", "SF1234567890", {"carrier"}),
        ("顺丰速运", None, {"tracking_number"}),
        ("顺丰速运", "单号一二三", {"tracking_number"}),
        (None, None, {"carrier", "tracking_number"}),
    ],
)
def test_what_goes_by_post_needs_a_carrier_and_a_number(
    carrier: str | None, number: str | None, wrong: set[str]
) -> None:
    key = waiting(approved())
    with acting_as(factories.actor("body_reviewer", "110000")), pytest.raises(Invalid) as refused:
        deliveries.send(key, carrier, number)
    assert set(refused.value.errors) == wrong
    assert factories.stored(Delivery, key).state == "pending"


def test_x_46_what_is_collected_is_handed_out_once() -> None:
    case = approved(form=COLLECTED)
    key = waiting(case)
    with acting_as(factories.actor("body_reviewer", "110000")):
        deliveries.send(key)
        with pytest.raises(Conflict):
            deliveries.send(key)
    with acting_as(case.applicant):
        assert [one.title for one in messages.inbox().rows] == ["登记证书已领取", "登记证书已出证"]


def test_only_the_office_that_posts_may_send_and_only_its_own() -> None:
    case = approved()
    key = waiting(case)
    for role, region in (("county_reviewer", "110105"), ("province_admin", "110000")):
        with acting_as(factories.actor(role, region)), pytest.raises(Forbidden):
            deliveries.send(key, "EMS", "EX123456789CN")
    with acting_as(case.applicant), pytest.raises(Forbidden):
        deliveries.send(key, "EMS", "EX123456789CN")
    with acting_as(factories.actor("province_reviewer", "410000")), pytest.raises(Missing):
        deliveries.send(key, "EMS", "EX123456789CN")
    assert factories.stored(Delivery, key).state == "pending"


def test_somebody_elses_change_is_not_overwritten() -> None:
    key = waiting(approved())
    seen = factories.stored(Delivery, key).version
    with acting_as(factories.actor("body_reviewer", "110000")):
        deliveries.send(key, "EMS", "EX123456789CN", version=seen)
        with pytest.raises(Conflict):
            deliveries.send(key, "EMS", "EX999999999CN", version=seen)
    assert factories.stored(Delivery, key).tracking_number == "EX123456789CN"


def test_ba_14_labels_carry_what_the_post_needs_of_all_that_waits() -> None:
    waiting(approved())
    gone = waiting(approved(form={**POSTED, "recipient": "已寄出"}))
    waiting(approved(form=COLLECTED, name="自己来取"))
    waiting(
        approved(
            "110105", form={**POSTED, "recipient": "李晓华", "delivery_address": "长安街 1 号"}
        )
    )
    office = factories.actor("body_reviewer", "110000")
    with acting_as(office):
        deliveries.send(gone, "EMS", "EX123456789CN")
        text = whole_text(deliveries.labels())
    for written in (
        "王大明",
        "13911112222",
        "河南省郑州市金水区花园路8号3单元",
        "李晓华",
        "长安街1号",
    ):
        assert written in text
    assert "已寄出" not in text
    assert "自己来取" not in text
    with as_system("a test looks") as session:
        (act,) = session.scalars(select(Event).where(Event.subject == "labels:110000")).all()
    assert (act.verb, act.reason, act.actor_id) == ("print", "2 address labels", office.account_id)


def test_labels_follow_the_filter_of_the_list_and_the_scope() -> None:
    waiting(approved("110105"))
    waiting(approved("110106", form={**POSTED, "recipient": "丰台人"}))
    with acting_as(factories.actor("body_reviewer", "110000")):
        text = whole_text(deliveries.labels([Filter("region_code", "eq", "110106")]))
    assert "丰台人" in text
    assert "王大明" not in text
    elsewhere = acting_as(factories.actor("province_reviewer", "410000"))
    with elsewhere, pytest.raises(Conflict, match="nothing_to_post"):
        deliveries.labels()


def test_addresses_are_printed_for_those_who_may_see_them() -> None:
    waiting(approved())
    for role, region in (("province_admin", "110000"), ("county_reviewer", "110105")):
        with acting_as(factories.actor(role, region)), pytest.raises(Forbidden):
            deliveries.labels()


def test_more_labels_than_a_hundred_sheets_are_a_wrong_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deliveries, "MOST_LABELS", 1)
    waiting(approved())
    waiting(approved())
    with acting_as(factories.actor("body_reviewer", "110000")), pytest.raises(Conflict):
        deliveries.labels()

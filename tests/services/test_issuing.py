"""Issuing: an approval becomes one registration, one certificate, one parcel, come what may."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select, update

from app import clock
from app.rules.certificate import check_number
from app.rules.workflow import State
from app.scope import as_system
from app.services import approvals, certificates, outbox
from app.services.refusals import Conflict, Missing, Refusal
from app.services.verbs import transaction
from models.application import Application, Material
from models.certificate import Certificate, Delivery
from models.event import Event
from models.message import Message, Outbox
from models.qualification import Qualification
from models.registration import Registration
from models.rendering import Rendering
from tests.services.approved import COLLECTED, Case, approved
from tests.services.faults import kills, later
from tests.support import factories

pytestmark = pytest.mark.usefixtures("db")

MADE = (Certificate, Registration, Delivery, Message)


def rows(model: type[Any]) -> list[Any]:
    """All rows of a table."""
    with as_system("a test looks") as session:
        return list(session.scalars(select(model)))


def counts() -> list[int]:
    """How many rows there are of each that issuing makes."""
    with as_system("a test looks") as session:
        return [session.scalar(select(func.count(model.id))) or 0 for model in MADE]


def refusal(case: Case) -> Refusal:
    """Why a case cannot be approved as it is."""
    with as_system("a test") as session:
        application = session.get_one(Application, case.application.id)
        with pytest.raises(Refusal) as refused:
            approvals.refuse_unready(session, application)
    return refused.value


def test_ba_21_an_approval_becomes_a_registration_and_a_certificate() -> None:
    case = approved()
    with clock.frozen("2020-07-15T10:00"):
        issued = certificates.issue(case.application.id)
    registration = factories.stored(Registration, issued.registration_id)
    assert factories.stored(Application, case.application.id).state == State.issued
    assert (registration.kind, registration.state) == ("first", "verified")
    assert (registration.cycle_year, registration.registered_on) == (2020, date(2020, 7, 15))
    assert (issued.name, issued.level, issued.state) == ("王小红", "social_worker", "valid")
    assert issued.id_number_masked == case.worker.id_number_masked
    assert issued.management_number == case.qualification.management_number
    assert (issued.authority, issued.handling_body) == ("北京市民政局", "北京社会工作者协会")


def test_x_41_the_number_names_province_and_year_and_checks() -> None:
    with clock.frozen("2020-07-15T10:00"):
        issued = certificates.issue(approved().application.id)
    assert issued.number.startswith("112020")
    assert check_number(issued.number)


@pytest.mark.parametrize(
    ("region", "until"), [("110105", date(2023, 5, 31)), ("410105", date(2023, 7, 15))]
)
def test_x_02_validity_ends_as_the_policy_says(region: str, until: date) -> None:
    issued = certificates.issue(approved(region).application.id)
    assert (issued.valid_from, issued.valid_until) == (date(2020, 7, 15), until)


@pytest.mark.parametrize(
    ("decided", "first_day"),
    [("2020-07-15T23:59:59", date(2020, 7, 15)), ("2020-07-16T00:00:00", date(2020, 7, 16))],
)
def test_x_29_hn_36_validity_begins_on_the_day_of_the_approval_not_of_the_job(
    decided: str, first_day: date
) -> None:
    case = approved("410105", decided_at=clock.parse(decided))
    with clock.frozen("2020-07-20T08:00"):
        issued = certificates.issue(case.application.id)
    assert (issued.valid_from, issued.issued_on) == (first_day, date(2020, 7, 20))


def test_x_48_the_cycle_is_the_year_of_the_approval_even_when_the_job_comes_after_it() -> None:
    case = approved("410105", decided_at=clock.parse("2020-12-31T17:00"))
    with clock.frozen("2021-01-02T08:00"):
        issued = certificates.issue(case.application.id)
    assert factories.stored(Registration, issued.registration_id).cycle_year == 2020


def test_ba_25_a_posted_certificate_is_put_on_the_list_with_its_full_address() -> None:
    issued = certificates.issue(approved().application.id)
    (delivery,) = rows(Delivery)
    assert (delivery.certificate_id, delivery.certificate_number) == (issued.id, issued.number)
    assert (delivery.method, delivery.state, delivery.recipient) == ("post", "pending", "王大明")
    assert delivery.phone == "13911112222"
    assert delivery.address == "河南省郑州市金水区花园路 8 号 3 单元"


def test_ba_26_an_address_is_neither_doubled_nor_cut() -> None:
    street = "河南省郑州市金水区花园路 8 号"
    long = "花" * 195
    for written in (street, long):
        case = approved()
        form = {**case.application.form, "delivery_address": written}
        with as_system("a test") as session:
            session.execute(
                update(Application).where(Application.id == case.application.id).values(form=form)
            )
            session.commit()
        certificates.issue(case.application.id)
    assert [delivery.address for delivery in rows(Delivery)] == [street, long]


def test_x_46_a_collected_certificate_waits_at_the_office_an_electronic_one_nowhere() -> None:
    certificates.issue(approved(form=COLLECTED, name="李明").application.id)
    certificates.issue(approved("410105").application.id)
    (delivery,) = rows(Delivery)
    assert (delivery.method, delivery.recipient, delivery.address) == ("pickup", "李明", None)


def test_the_holder_is_told_the_number_and_the_last_day() -> None:
    case = approved()
    issued = certificates.issue(case.application.id)
    (message,) = rows(Message)
    assert message.user_id == case.applicant.account_id
    assert message.application_id == case.application.id
    assert issued.number in message.body
    assert "2023年5月31日" in message.body


def test_the_portal_itself_issues_whoever_happens_to_act() -> None:
    case = approved()
    with factories.acting(factories.actor("body_reviewer", "110000")):
        certificates.issue(case.application.id)
    (event,) = (e for e in rows(Event) if e.verb == "issue")
    assert event.subject == f"application:{case.application.id}"
    assert (event.actor_id, event.actor_role) == (None, "system")
    assert (event.from_state, event.to_state, event.public) == ("approved", "issued", True)
    assert (event.region_code, event.policy) == ("110105", "beijing@1")


def test_issuing_again_gives_back_the_same_certificate() -> None:
    case = approved()
    first, second = (certificates.issue(case.application.id) for _ in range(2))
    assert (first.id, first.number) == (second.id, second.number)
    assert counts() == [1, 1, 1, 1]


def test_two_at_once_issue_one_certificate(app: Flask) -> None:
    case = approved()
    together = Barrier(2)

    def issue(_n: int) -> str:
        with app.app_context():
            together.wait(10)
            return certificates.issue(case.application.id).number

    with ThreadPoolExecutor(2) as pool:
        numbers = set(pool.map(issue, range(2)))
    assert len(numbers) == 1
    assert counts() == [1, 1, 1, 1]


def test_two_cases_that_draw_the_same_number_get_two(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 8])
    monkeypatch.setattr(secrets, "randbelow", lambda _limit: next(drawn))
    with clock.frozen("2020-07-15T10:00"):
        numbers = [certificates.issue(approved().application.id).number for _ in range(2)]
    assert [number[6:14] for number in numbers] == ["00000007", "00000008"]


@pytest.mark.parametrize("state", [s for s in State if s not in (State.approved, State.issued)])
def test_nothing_is_issued_that_is_not_approved(state: State) -> None:
    case = approved(state=state)
    with pytest.raises(Conflict):
        certificates.issue(case.application.id)
    assert counts() == [0, 0, 0, 0]
    assert factories.stored(Application, case.application.id).state == state


def test_an_application_that_is_not_there_issues_nothing() -> None:
    with pytest.raises(Missing):
        certificates.issue(999_999)


@pytest.mark.slow
def test_a_kill_at_any_step_leaves_all_or_nothing(db: SQLAlchemy) -> None:
    case = approved()
    for step in kills(db, lambda: certificates.issue(case.application.id)):
        state = factories.stored(Application, case.application.id).state
        assert (state, counts()) == (State.approved, [0, 0, 0, 0]), step
    assert step > 9
    assert counts() == [1, 1, 1, 1]
    assert factories.stored(Application, case.application.id).state == State.issued


@pytest.mark.slow
def test_a_worker_killed_at_any_step_still_issues_once(
    db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = approved()
    with factories.acting(case.applicant), transaction() as session:
        certificates.promise(session, case.application.id)
    for _step in kills(db, outbox.run_due):
        later(monkeypatch, 2)
    assert {(row.job, row.state, row.fault) for row in rows(Outbox)} == {
        ("issue", "done", None),
        ("render", "done", None),
    }
    assert counts() == [1, 1, 1, 1]
    assert len(rows(Rendering)) == 1


def test_two_workers_issue_and_draw_once(app: Flask) -> None:
    case = approved()
    with factories.acting(case.applicant), transaction() as session:
        certificates.promise(session, case.application.id)
    together = Barrier(2)

    def work(_n: int) -> None:
        with app.app_context():
            together.wait(10)
            outbox.run_due()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    outbox.run_due()  # what one had in hand when the other found nothing more
    assert counts() == [1, 1, 1, 1]
    assert len(rows(Rendering)) == 1
    assert {row.state for row in rows(Outbox)} == {"done"}


def test_x_17_an_approval_is_issued_at_once_after_the_commit() -> None:
    case = approved()
    with factories.acting(factories.actor("body_reviewer", "110000")):
        with transaction() as session:
            key = certificates.promise(session, case.application.id)
            assert outbox.attempt(key) is False  # not inside the verb, whose lock it would wait for
        assert outbox.attempt(key) is True
    assert counts() == [1, 1, 1, 1]
    assert next(row for row in rows(Outbox) if row.key == key).state == "done"


def test_x_17_issuing_is_never_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    case = approved()
    with factories.acting(case.applicant), transaction() as session:
        certificates.promise(session, case.application.id)
    with monkeypatch.context() as broken:
        broken.setattr(secrets, "randbelow", lambda _limit: 1 / 0)
        for _ in range(12):
            outbox.run_due()
            later(monkeypatch, 2)
    (row,) = rows(Outbox)
    assert (row.state, row.attempts) == ("waiting", 12)
    outbox.run_due()
    assert counts() == [1, 1, 1, 1]


def test_x_17_an_approval_that_lacks_something_is_refused_naming_it() -> None:
    case = approved()
    with as_system("a test") as session:
        session.execute(update(Material).values(active=False))
        session.execute(update(Qualification).values(management_number=None))
        session.commit()
    refused = refusal(case)
    assert refused.code == "incomplete"
    assert "职业水平证书管理号、照片" in refused.sentence.zh


def test_a_name_that_no_font_can_draw_is_refused_before_the_approval() -> None:
    approvals.printable_or_refuse("王小红", "欧阳静怡")
    with pytest.raises(Refusal) as refused:
        approvals.printable_or_refuse("王\U000e0041红")
    assert refused.value.code == "unprintable"
    assert "\U000e0041" in refused.value.sentence.zh
    assert refusal(approved(name="王\U000e0041红")).code == "unprintable"

"""What a final approval needs: hours that count, and all that the certificate shows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.rules.policy import edition_name
from app.rules.workflow import State
from app.services import review
from app.services.cases import Ineligible
from models.application import Application
from models.credit import Credit
from models.event import Event
from models.message import Outbox
from models.registration import Registration
from tests.services.approved import (
    POSTED,
    Case,
    approved,
    person,
    picture,
    registration,
    submitted,
)
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import every, stored

pytestmark = pytest.mark.usefixtures("db")

ON = "2020-07-10T09:00"


def credit(of: Case, hours: str, taken_on: date = date(2019, 5, 1), **facts: Any) -> Credit:
    """Hours of one course."""
    given = {"source": "online", "state": "accepted", **facts}
    return factories.keep(
        Credit(
            worker_id=of.worker.id,
            region_code=of.worker.region_code,
            title="社会工作实务",
            taken_on=taken_on,
            hours=Decimal(hours),
            **given,
        )
    )


def under_review(who: Case, kind: str = "renewal", **facts: Any) -> Case:
    """A case of a kind that waits for its only stage."""
    given = {"state": State.in_review, "decided_at": None, **facts}
    return submitted(approved(case=who, kind=kind, **given), ON)


def approve(case: Case, at: str = ON) -> Application:
    """Approve a case as the handling body does."""
    with factories.acting(factories.actor("body_reviewer", "110000"), at):
        return review.decide(case.application.id, "approve")


def due(last: int = 2017) -> Case:
    """A social worker, who needs 90 hours for every turn."""
    who = person()
    registration(who, last)
    return who


@pytest.mark.parametrize(("hours", "passes"), [("89.9", False), ("90", True)])
def test_bj_32_an_approval_counts_the_hours_that_are_certain(hours: str, passes: bool) -> None:
    who = due()
    credit(who, hours)
    case = under_review(who)
    picture(case.application, "credit_proof_2020")
    if passes:
        assert approve(case).state == State.issued
        return
    with pytest.raises(Ineligible) as refused:
        approve(case)
    assert "90学时" in refused.value.sentence.zh
    assert "已有89.9学时，还差0.1学时" in refused.value.sentence.zh
    assert stored(Application, case.application.id).state == State.in_review
    assert (every(Outbox, job="issue"), len(every(Registration))) == ([], 1)


def test_bj_30_a_proof_is_enough_to_submit_and_accepted_hours_to_approve() -> None:
    who = due()
    offline = credit(who, "90", source="offline", state="pending")
    case = under_review(who)
    picture(case.application, "credit_proof_2020")
    with pytest.raises(Ineligible):
        approve(case)
    with factories.changing(offline) as row:
        row.state = "accepted"
    assert approve(case).state == State.issued


def test_bj_44_every_turn_has_its_own_hours_and_none_counts_twice() -> None:
    who = due(2014)
    credit(who, "90", date(2016, 5, 1))
    credit(who, "60", date(2018, 5, 1))
    case = under_review(who, "late_renewal")
    with pytest.raises(Ineligible) as refused:
        approve(case)
    assert "2020年登记" in refused.value.sentence.zh
    assert "2017年登记" not in refused.value.sentence.zh
    credit(who, "30", date(2019, 5, 1))
    assert approve(case).state == State.issued


def test_bj_32_hours_count_up_to_the_day_of_the_submission() -> None:
    who = due()
    credit(who, "60")
    credit(who, "30", date(2020, 7, 11))
    case = under_review(who)
    with pytest.raises(Ineligible):
        approve(case, "2020-07-20T09:00")


def test_bj_63_a_window_that_closed_meanwhile_stops_no_approval() -> None:
    who = due()
    credit(who, "90")
    assert approve(under_review(who), "2020-09-01T09:00").state == State.issued


def test_x_11_a_proof_stays_enough_for_a_replacement() -> None:
    never, proved = person(), person()
    form = {**POSTED, "replacement_case": "never_registered"}
    case = under_review(never, "replacement", form=form)
    with pytest.raises(Ineligible):
        approve(case)
    case = under_review(proved, "replacement", form=form)
    picture(case.application, "credit_proof")
    assert approve(case).state == State.issued


def test_bj_37_the_text_message_names_the_new_validity() -> None:
    who = due()
    credit(who, "90")
    approve(under_review(who))
    (sms,) = every(Outbox, job="sms")
    assert "再登记申请审核通过" in sms.payload["body"]
    assert "有效期至2023年5月31日" in sms.payload["body"]


def test_every_event_of_a_case_names_the_edition_in_the_one_way() -> None:
    made = case(approved=True)
    told = every(Event, subject=f"application:{made.id}")
    assert {one.policy for one in told} == {edition_name(made.policy_code, made.policy_version)}
    assert "issue" in {one.verb for one in told}

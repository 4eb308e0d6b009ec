"""Hours beside a proof: recorded, accepted or refused by the reviewer, and never counted twice."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.queries.cases import case as look
from app.rules.eligibility import Finding
from app.rules.words import Words
from app.scope import Actor
from app.services import credits, review
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal
from app.services.submissions import said
from models.application import Application, Material, Submission
from models.credit import Credit
from models.event import Event
from models.registration import Registration
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import acting, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

COURSE = {"hours": "36.5", "taken_on": "2019-05-20", "title": "个案工作", "provider": "协会"}


def renewal(who: Actor | None = None, digest: str = "a" * 64) -> tuple[Application, Material]:
    """A renewal under review with one proof of hours."""
    made = case(who, submitted=True)
    papers = {"application_id": made.id, "worker_id": made.worker_id, "region_code": "110105"}
    proof = factories.keep(
        Material(
            **papers,
            slot="credit_proof",
            digest=digest,
            media_type="image/jpeg",
            size=1,
            width=1,
            height=1,
            original_name="proof.jpg",
            active=True,
        )
    )
    kept = {"id": proof.id, "width": 1, "height": 1, "size": 1, "warnings": []}
    open_question = Finding(
        "renewal", "credit_hours", True, "90", "0", Words("", ""), to_count=True
    )
    (submission,) = every(Submission, application_id=made.id)
    with factories.changing(made) as row:
        row.kind = "renewal"
    with factories.changing(submission) as row:
        row.materials = {**row.materials, "credit_proof": kept}
        row.findings = [*row.findings, said(open_question)]
    factories.keep(
        Registration(
            worker_id=made.worker_id,
            region_code="110105",
            kind="first",
            cycle_year=2017,
            level="social_worker",
            state="verified",
        )
    )
    return stored(Application, made.id), proof


def reviewer() -> Actor:
    return factories.actor("body_reviewer", "110000")


def recorded(
    made: Application, proof: Material, state: str = "accepted", who: Actor | None = None, **v: Any
) -> Credit:
    with acting(who or reviewer()):
        return credits.record(made.id, proof.id, state, {**COURSE, **v})


def test_bj_32_hn_14_accepted_hours_make_a_credit_with_its_proof_and_an_event() -> None:
    made, proof = renewal()
    who = reviewer()
    kept = recorded(made, proof, who=who)
    row = stored(Credit, kept.id)
    assert (row.source, row.state, row.hours) == ("offline", "accepted", Decimal("36.5"))
    assert (row.title, row.provider, row.taken_on) == ("个案工作", "协会", date(2019, 5, 20))
    assert (row.application_id, row.material_id) == (made.id, proof.id)
    assert (row.proof_digest, row.worker_id) == (proof.digest, made.worker_id)
    (told,) = every(Event, verb="accept_hours")
    assert (told.subject, told.actor_id) == (f"application:{made.id}", who.account_id)
    assert told.reason == "个案工作 2019-05-20 36.5"


@pytest.mark.slow
def test_bj_30_the_finding_on_hours_is_the_sum_accepted_so_far() -> None:
    made, proof = renewal()
    who = reviewer()

    def hours() -> Finding:
        with acting(who):
            found = look(made.id)
        assert found is not None
        return next(one for one in found.findings if one.rule == "credit_hours")

    before = hours()
    assert (before.ok, before.expected, before.actual) == (False, "90", "0")
    recorded(made, proof)
    recorded(made, proof, title="小组工作", hours="53.5")
    recorded(made, proof, state="refused", title="社区工作", hours="20")
    after = hours()
    assert (after.ok, after.expected, after.actual) == (True, "90", "90")


def test_a_refused_proof_needs_no_numbers() -> None:
    made, proof = renewal()
    kept = recorded(made, proof, "refused", hours="", taken_on="", title="", provider="")
    row = stored(Credit, kept.id)
    assert (row.state, row.hours, row.title) == ("refused", Decimal(0), "继续教育证明")
    assert every(Event, verb="refuse_hours")[0].reason is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours", ""),
        ("hours", "0"),
        ("hours", "-1"),
        ("hours", "1.25"),
        ("hours", "1000"),
        ("hours", "viel"),
        ("taken_on", ""),
        ("taken_on", "2020-07-11"),
        ("taken_on", "gestern"),
        ("title", " "),
    ],
)
@pytest.mark.database("sqlite")
def test_what_does_not_hold_is_told_at_its_field(field: str, value: Any) -> None:
    made, proof = renewal()
    with pytest.raises(Invalid) as refused:
        recorded(made, proof, **dict[str, Any]({field: value}))
    assert list(refused.value.errors) == [field]
    assert every(Credit) == []


@pytest.mark.slow
def test_x_27_a_course_counts_once_whichever_picture_shows_it() -> None:
    who = factories.applicant()
    made, proof = renewal(who)
    recorded(made, proof)
    with pytest.raises(Conflict) as refused:
        recorded(made, proof)
    assert refused.value.code == "twice"
    recorded(made, proof, taken_on="2019-05-21")
    with factories.changing(stored(Material, proof.id)) as row:
        row.digest = "b" * 64
    with pytest.raises(Conflict):
        recorded(made, proof)
    other, its = renewal()
    recorded(other, its)
    assert len(every(Credit)) == 3


def test_x_27_in_the_next_cycle_the_same_proof_counts_for_nothing() -> None:
    made, proof = renewal()
    recorded(made, proof)
    with factories.changing(stored(Credit, every(Credit)[0].id)) as row:
        row.application_id = None  # another case, long ago
    with pytest.raises(Conflict):
        recorded(made, proof)


def test_x_27_two_who_accept_at_once_count_once(app: Flask) -> None:
    made, proof = renewal()
    people = [reviewer() for _ in range(3)]
    said = race(app, *(lambda who=who: recorded(made, proof, who=who) and None for who in people))
    assert said.count(None) == 1
    assert {answer.code for answer in said if answer} <= {"twice", "conflict"}
    assert len(every(Credit)) == 1


def test_a_wrong_entry_is_taken_out_before_the_decision_and_not_after() -> None:
    made, proof = renewal()
    wrong, right = recorded(made, proof), recorded(made, proof, title="小组工作")
    who = reviewer()
    with acting(who):
        credits.undo(made.id, wrong.id)
    assert [row.id for row in every(Credit)] == [right.id]
    assert every(Event, verb="undo_hours")[0].reason == "个案工作 2019-05-20 36.5"
    recorded(made, proof)
    decide(made.id, "reject")
    with acting(who), pytest.raises(Conflict):
        credits.undo(made.id, right.id)
    with pytest.raises(Conflict):
        recorded(made, proof, title="社区工作")


@pytest.mark.slow
def test_entries_of_other_cases_and_pictures_that_prove_nothing_are_refused() -> None:
    made, proof = renewal()
    other, its = renewal()
    kept = recorded(other, its)
    front = next(m for m in every(Material, application_id=made.id) if m.slot == "id_front")
    with acting(reviewer()):
        with pytest.raises(Missing):
            credits.undo(made.id, kept.id)
        for picture in (front, its):
            with pytest.raises(Missing):
                credits.record(made.id, picture.id, "accepted", COURSE)
    with factories.changing(stored(Material, proof.id)) as row:
        row.active = False
    with pytest.raises(Missing):
        recorded(made, proof)


@pytest.mark.parametrize(
    ("role", "region", "kind"),
    [
        ("county_reviewer", "110105", Forbidden),
        ("province_admin", "110000", Forbidden),
        ("county_reviewer", "410105", Missing),
    ],
)
def test_who_does_not_decide_the_case_records_nothing(
    role: str, region: str, kind: type[Refusal]
) -> None:
    made, proof = renewal()
    with pytest.raises(kind):
        recorded(made, proof, who=factories.actor(role, region))
    colleague = reviewer()
    with acting(colleague):
        review.take(made.id)
    with pytest.raises(Conflict):
        recorded(made, proof)
    assert every(Credit) == []

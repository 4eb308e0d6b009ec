"""Coded reasons: a policy's own come before the shared ones, and a case keeps those of its day."""

from dataclasses import replace

import pytest

from app.queries import policies
from app.queries.policies import policy_for, policy_of_case, reasons, reasons_of
from app.rules.dictionaries import Reason
from app.rules.words import Words
from app.services import review
from app.services.refusals import Invalid
from models.application import Application, Decision
from tests.rules.shipped import SHIPPED, shipped
from tests.support.cases import case, reviewer_of
from tests.support.factories import acting, every, stored

pytestmark = pytest.mark.usefixtures("db")

CHENGDU = "510107"
OURS = Reason(
    "outside_scope", Words("不在本市", "Elsewhere"), Words("不在本市。", "x"), ("reject",)
)


@pytest.mark.slow
def test_cd_52_the_form_without_a_stamp_is_a_reason_where_there_is_one_and_nowhere_else() -> None:
    made, other = case(region_code=CHENGDU, submitted=True), case(submitted=True)
    with acting(reviewer_of(made.id)):
        review.decide(made.id, "reject", reason_code="form_unstamped")
    (decision,) = every(Decision)
    assert "未盖章或未填写完整" in decision.reason
    with acting(reviewer_of(other.id)), pytest.raises(Invalid) as refused:
        review.decide(other.id, "reject", reason_code="form_unstamped", reason="未盖章")
    assert set(refused.value.errors) == {"reason_code"}


def test_a_policy_without_reasons_has_the_shared_ones() -> None:
    assert dict(reasons_of(policy_for("110105"))) == dict(reasons())


def test_one_s_own_come_first_and_take_the_place_of_a_shared_one() -> None:
    policy = replace(policy_for("110105"), reasons={"outside_scope": OURS})
    found = reasons_of(policy)
    assert next(iter(found.values())) is OURS
    assert set(found) == set(reasons())


def test_a_shared_reason_that_a_policy_empties_is_offered_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = case(submitted=True)
    with acting(reviewer_of(made.id)):
        policy = policy_of_case(stored(Application, made.id))
        emptied = replace(policy, reasons={"outside_scope": replace(OURS, verdicts=())})
        monkeypatch.setattr(review, "policy_of_case", lambda _case: emptied)
        with pytest.raises(Invalid):
            review.decide(made.id, "reject", reason_code="outside_scope")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_policy_can_say_why_it_refuses_and_why_it_returns(name: str) -> None:
    verdicts = {verdict for one in reasons_of(shipped(name)).values() for verdict in one.verdicts}
    assert verdicts == {"reject", "return"}
    assert policies.reasons()["other"].verdicts == ("reject", "return")

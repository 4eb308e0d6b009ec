"""What is asked for what is filled in, by the one table of conditions."""

from typing import Any

import pytest

from app.rules.fields import Condition, FieldSpec, answered
from app.rules.words import Words
from tests.support.conditions import IDS, ROWS

LABEL = Words("问题", "Question")


def specs(form: dict[str, Any]) -> list[FieldSpec]:
    return [
        FieldSpec(
            item["name"],
            "choices" if "list" in item else "text",
            LABEL,
            required_when=Condition(item["when"]["field"], tuple(item["when"]["in"]))
            if "when" in item
            else None,
        )
        for item in form["items"]
    ]


@pytest.mark.parametrize(("form", "case"), ROWS, ids=IDS)
def test_x_20_x_40_a_question_that_is_not_asked_has_no_value_for_others(
    form: dict[str, Any], case: dict[str, Any]
) -> None:
    asked = specs(form)
    left = answered(asked, case["values"])
    assert [spec.name for spec in asked if spec.asked(left)] == case["asked"]
    assert left.keys() <= set(case["asked"])
    assert all(left[name] == case["values"][name] for name in left)

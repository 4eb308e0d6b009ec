"""Inputs that are asked for only under a condition: one table, the same for Python and browser."""

from typing import Any

import pytest

from app.rules.fields import Condition, FieldSpec, Slot
from app.rules.words import Words

LABEL = Words("详细地址", "Address")
BY_POST = Condition("delivery", ("post",))
ABOUT_DRUGS = Condition("practice_fields", ("drugs", "justice"))


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        (BY_POST, {"delivery": "post"}, True),
        (BY_POST, {"delivery": "pickup"}, False),
        (BY_POST, {"delivery": ""}, False),
        (BY_POST, {"delivery": None}, False),
        (BY_POST, {}, False),
        (ABOUT_DRUGS, {"practice_fields": ["youth", "drugs"]}, True),
        (ABOUT_DRUGS, {"practice_fields": ["youth"]}, False),
        (ABOUT_DRUGS, {"practice_fields": []}, False),
        (ABOUT_DRUGS, {"practice_fields": "justice"}, True),
    ],
)
def test_x_40_a_condition_is_data_and_looks_into_lists(
    condition: Condition, values: dict[str, Any], holds: bool
) -> None:
    assert condition.holds(values) is holds


def test_x_20_what_is_hidden_is_not_required() -> None:
    address = FieldSpec("delivery_address", "text", LABEL, required_when=BY_POST)
    assert address.asked({"delivery": "post"})
    assert address.needed({"delivery": "post"})
    assert not address.asked({"delivery": "pickup"})
    assert not address.needed({"delivery": "pickup"})


def test_an_optional_input_is_asked_for_and_never_needed() -> None:
    note = FieldSpec("note", "text", LABEL, required=False)
    assert note.asked({})
    assert not note.needed({})


def test_a_picture_follows_the_same_conditions() -> None:
    proof = Slot("proof", LABEL, LABEL, required_when=ABOUT_DRUGS)
    assert proof.needed({"practice_fields": ["drugs"]})
    assert not proof.needed({"practice_fields": ["youth"]})

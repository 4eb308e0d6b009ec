"""The exchange of a local certificate for the national electronic one (更换电子证)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.certificate import check_legacy_number
from app.rules.dictionaries import parse_labels
from app.rules.eligibility import outlook, route
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.rules.workflow import State, state_label
from tests.rules.conftest import data_of
from tests.rules.people import elsewhere, failing, here, may, person, registered

TODAY = date(2024, 3, 15)
UNTIL = date(2025, 8, 31)
ZHAO = person("430102", certificate=elsewhere(UNTIL))


@pytest.fixture
def exchange(national: Policy) -> Kind:
    return national.kinds["exchange"]


def test_mc_25_it_is_for_those_with_a_valid_local_certificate(national: Policy) -> None:
    assert may(national, ZHAO, "exchange", TODAY)
    never = replace(ZHAO, certificate=None)
    assert list(failing(national, never, "exchange", TODAY)) == ["registered", "unexpired"]
    own = replace(ZHAO, certificate=here(UNTIL))
    assert list(failing(national, own, "exchange", TODAY)) == ["no_certificate_here"]
    assert route(national, ZHAO, TODAY) is None  # nobody is sent to it


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_mc_25_until_the_last_day_of_its_validity(national: Policy, on: date) -> None:
    assert may(national, replace(ZHAO, qualified_on=None), "exchange", on) == (on <= UNTIL)


@given(st.dates(date(2015, 1, 1), date(2060, 1, 1)), st.integers(0, 1095))
def test_x_47_it_leaves_the_validity_as_it_is(national: Policy, until: date, before: int) -> None:
    on = date.fromordinal(until.toordinal() - before)
    held = replace(ZHAO, certificate=elsewhere(until))
    found = outlook(national, "exchange", held, on)
    assert (found.turns, found.valid_until) == ((), until)


def test_x_47_the_example_of_the_catalogue(national: Policy) -> None:
    declared = replace(ZHAO, certificate=None, registrations=registered(2022, until=UNTIL))
    for facts in (ZHAO, declared):
        assert may(national, facts, "exchange", TODAY)
        assert outlook(national, "exchange", facts, TODAY).valid_until == UNTIL


def test_mc_26_mc_30_number_kind_and_validity_are_typed_as_on_the_certificate(
    exchange: Kind,
) -> None:
    assert exchange.form_title.zh == "社会工作者更换电子证书信息表"
    assert exchange.history is not None
    assert exchange.history.ask == ("number", "kind", "on", "valid_until")
    assert "需如实按照证书信息填写" in exchange.history.note.zh
    titles = [section.label.zh for section in exchange.sections]
    assert titles == ["个人信息", "登记区域、单位类型与名称", "证书信息"]


@pytest.mark.parametrize(
    ("number", "sound"),
    [
        ("00123456", True),
        ("12345678", True),
        ("1234567", False),
        ("123456789", False),
        ("1234567a", False),
        ("", False),
        ("１２３４５６７８", False),
    ],
)
def test_mc_31_x_41_the_number_has_eight_digits(exchange: Kind, number: str, sound: bool) -> None:
    assert check_legacy_number(number) is sound
    assert exchange.history is not None
    assert "第一页最下侧的八位数编号" in exchange.history.note.zh


def test_mc_28_x_15_the_county_alone_reviews_it(exchange: Kind) -> None:
    assert [stage.reviewer for stage in exchange.review] == ["county_reviewer"]


@pytest.mark.parametrize(
    ("state", "wording"),
    [
        (None, "未登记"),
        (State.draft, "未登记"),
        (State.in_review, "初审中"),
        (State.returned, "退回补正"),
        (State.rejected, "审核不通过"),
        (State.issued, "已出证"),
        (State.withdrawn, "已撤回"),
    ],
)
def test_mc_27_x_18_its_words_are_those_of_one_review(
    exchange: Kind, state: State | None, wording: str
) -> None:
    assert exchange.labels == "exchange"
    assert state_label(parse_labels(data_of("labels"))["exchange"], state).zh == wording

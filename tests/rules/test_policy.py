"""Reading policies: every fault is reported by its path, and windows change single keys only."""

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.rules.dictionaries import parse_fields, parse_labels, parse_reasons
from app.rules.eligibility import RULES as CARRIED_OUT
from app.rules.kinds import RULES, WindowFact
from app.rules.policy import Policy
from app.rules.policy_reading import parse_policy, window_faults
from app.rules.reading import PolicyFaults
from app.rules.words import Words
from app.rules.workflow import State
from tests.rules.conftest import POLICIES, SHIPPED, data_of, shipped

Data = dict[str, Any]


def paths_after(change: Callable[[Data], object], name: str = "beijing") -> set[str]:
    """Where the parser finds fault after a change to a shipped file."""
    data = copy.deepcopy(data_of(name))
    change(data)
    with pytest.raises(PolicyFaults) as refused:
        parse_policy(data, data_of("fields"))
    return {fault.path for fault in refused.value.faults}


def first(data: Data) -> Data:
    kind: Data = data["kinds"]["first"]
    return kind


def test_every_fault_of_shape_is_reported_at_once_by_its_path() -> None:
    def break_it(data: Data) -> None:
        del data["title"]["en"]
        data["region_code"] = 110000
        data["colour"] = "red"
        first(data)["opens"] = "sometimes"
        del first(data)["submitted"]
        first(data)["materials"][3]["portrait"]["width"] = "413"
        first(data)["sections"][0]["fields"][3] = "nickname"
        first(data)["guide"][0]["zh"] = " "
        data["windows"][0]["closes_on"] = "July"
        del data["kinds"]["renewal"]["label"]

    assert paths_after(break_it) == {
        "title.en",
        "region_code",
        "colour",
        "kinds.first.opens",
        "kinds.first.submitted",
        "kinds.first.materials[3].portrait.width",
        "kinds.first.sections[0].fields[3]",
        "kinds.first.guide[0].zh",
        "windows[0].closes_on",
        "kinds.renewal.label",
    }


def test_every_contradiction_is_reported_at_once_by_its_path() -> None:
    def break_it(data: Data) -> None:
        data["region_code"] = "Beijing"
        first(data)["review"] = []
        first(data)["validity"] = {"rule": "anniversary", "years": 3, "month_day": "05-31"}
        first(data)["requires"].update(
            height={"min": 160},
            adult={"age": "18"},
            level_in={},
            exam_year={"years_ago": [1], "earlier": "exchange", "later": "first"},
        )
        data["windows"][0].update(
            kinds=["first", "exchange"],
            closes_on=date(2020, 6, 30),
            overrides={"delivery": ["pigeon"], "withdraw": "never", "exam_year": "2019"},
        )

    assert paths_after(break_it) == {
        "region_code",
        "kinds.first.review",
        "kinds.first.validity.month_day",
        "kinds.first.requires.height",
        "kinds.first.requires.adult.age",
        "kinds.first.requires.level_in.levels",
        "kinds.first.requires.exam_year.earlier",
        "kinds.first.requires.exam_year.later",
        "windows[0].kinds[1]",
        "windows[0].closes_on",
        "windows[0].overrides.delivery[0]",
        "windows[0].overrides.withdraw",
        "windows[0].overrides.exam_year",
    }


@pytest.mark.parametrize(
    "condition", [{"field": "pet", "in": ["cat"]}, {"field": "post", "in": ["x"]}]
)
def test_x_40_a_condition_must_name_a_choice_of_its_own_form(condition: Data) -> None:
    def break_it(data: Data) -> None:
        first(data)["materials"][2]["required_when"] = condition

    assert paths_after(break_it) == {"kinds.first.qualification.required_when"}


def put(path: str, value: Any) -> Callable[[Data], None]:
    """A change that puts a value at a path such as `kinds.first.review.0.level`."""

    def change(data: Any) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in way:
            data = data[part]
        data[last] = value

    return change


FAULTY = [
    ("kinds.first.withdrow", "never", "kinds.first.withdrow", "withdraw"),
    ("kinds.first.materials.0.max_byte", 1, "kinds.first.materials[0].max_byte", "max_bytes"),
    ("kinds.first.requires.exam_yeer", {}, "kinds.first.requires.exam_yeer", "exam_year"),
    ("kinds.first.requires.level_in.level", [], "kinds.first.requires.level_in.level", "levels"),
    ("kinds.frist", {}, "kinds.frist.label", "missing"),
    ("kinds.first.review.0.level", "village", "kinds.first.review[0].level", "province, city"),
    ("kinds.first.review.0.role", "nobody", "kinds.first.review[0].role", "body_reviewer"),
    ("kinds.first.requires.registered", {}, "kinds.first.requires.registered", "Nobody"),
    (
        "kinds.first.requires.expires_within",
        {"days": 90},
        "kinds.first.requires.expires_within",
        "never_registered",
    ),
    (
        "kinds.renewal.requires",
        {"after_expiry": {}, "unexpired": {}},
        "kinds.renewal.requires.unexpired",
        "after_expiry",
    ),
    (
        "kinds.renewal.requires.credit_hours.assistant",
        "72",
        "kinds.renewal.requires.credit_hours.assistant",
        "number",
    ),
    (
        "kinds.renewal.requires.expires_within",
        {"days": 90, "months": 3},
        "kinds.renewal.requires.expires_within.days",
        "exactly one",
    ),
    (
        "kinds.first.requires.adult",
        {"age": 18, "warning": "yes"},
        "kinds.first.requires.adult.warning",
        "true or false",
    ),
    (
        "kinds.first.sections.0.fields.0",
        {"name": "name", "required_when": {"field": "sex", "in": ["male"]}},
        "kinds.first.name.required_when",
        "earlier",
    ),
    ("kinds.first.sections.0.fields.1", "name", "kinds.first.name", "twice"),
    ("kinds.first.materials.1.name", "id_front", "kinds.first.id_front", "twice"),
    ("kinds.renewal.history.add", None, "kinds.renewal.history.add", "mapping"),
    ("kinds.renewal.history.ask", ["when"], "kinds.renewal.history.ask[0]", "valid_until"),
    (
        "kinds.first.materials.0.hint",
        {"zh": "{day}", "en": "{day}"},
        "kinds.first.id_front.hint",
        "{year}",
    ),
    ("kinds.first.delivery", [], "kinds.first.delivery", "missing"),
    ("kinds.first.consents", {}, "kinds.first.consents", "missing"),
    ("windows.0.overrides.waive", ["exam_yeer"], "windows[0].overrides.waive", "exam_year"),
    ("effective_until", date(2008, 1, 1), "effective_until", "takes effect"),
    ("due", "yearly", "due", "calendar_year"),
]


@pytest.mark.parametrize(("where", "value", "path", "reason"), FAULTY, ids=[f[0] for f in FAULTY])
def test_a_broken_policy_is_refused_with_path_and_reason(
    where: str, value: Any, path: str, reason: str
) -> None:
    data = data_of("beijing")
    put(where, value)(data)
    with pytest.raises(PolicyFaults) as refused:
        parse_policy(data, data_of("fields"))
    told = {fault.path: fault.message for fault in refused.value.faults}
    assert path in told, told
    assert reason in told[path].en
    assert told[path].zh


def test_a_history_of_several_needs_its_button() -> None:
    assert paths_after(lambda data: data["kinds"]["renewal"]["history"].pop("add")) == {
        "kinds.renewal.history.add"
    }


def test_windows_of_one_kind_may_not_overlap_by_a_single_day() -> None:
    def twice(opens_on: date) -> Callable[[Data], None]:
        def change(data: Data) -> None:
            days = {"opens_on": opens_on, "closes_on": date(2020, 12, 31)}
            data["windows"].append({**data["windows"][0], **days})

        return change

    assert paths_after(twice(date(2020, 7, 31))) == {"windows[1].opens_on"}
    data = data_of("beijing")
    twice(date(2020, 8, 1))(data)
    assert len(parse_policy(data, data_of("fields")).windows) == 2


@pytest.mark.parametrize(
    "path", ["kinds.exchagne", "kinds.first.requires.after_expiry", "handling_body", "contact"]
)
def test_nothing_is_taken_out_of_a_policy_that_is_not_there(path: str) -> None:
    data = data_of("henan-2021")
    put(path, None)(data)
    with pytest.raises(PolicyFaults) as refused:
        parse_policy(data, data_of("fields"), data_of("national"))
    assert path in {fault.path for fault in refused.value.faults}


def test_what_is_taken_out_is_gone() -> None:
    data = data_of("henan-2021")
    put("kinds.first.requires.adult", None)(data)
    taken = parse_policy(data, data_of("fields"), data_of("national"))
    assert not taken.kinds["first"].asks("adult")
    assert taken.kinds["renewal"].asks("adult")
    assert "exchange" not in taken.kinds


@pytest.mark.parametrize("name", SHIPPED)
def test_every_text_of_a_policy_needs_both_languages(name: str) -> None:
    def texts(node: Any, path: str) -> list[tuple[Data, str]]:
        if isinstance(node, list):
            return [t for i, item in enumerate(node) for t in texts(item, f"{path}[{i}]")]
        if not isinstance(node, dict):
            return []
        if set(node) == {"zh", "en"}:
            return [(node, path)]
        return [t for key, item in node.items() for t in texts(item, f"{path}.{key}".lstrip("."))]

    data = data_of(name)
    found = texts(data, "")
    assert len(found) > 20
    for text, _ in found:
        del text["en"]
    with pytest.raises(PolicyFaults) as refused:
        parse_policy(data, data_of("fields"))
    assert {f"{path}.en" for _, path in found} <= {fault.path for fault in refused.value.faults}


def test_a_fault_says_in_words_what_should_be_there() -> None:
    data = data_of("beijing")
    first(data)["withdraw"] = "sometimes"
    with pytest.raises(PolicyFaults, match=r"kinds.first.withdraw: This should be one of: never"):
        parse_policy(data, data_of("fields"))


def test_a_policy_read_back_from_json_is_the_same_policy(beijing: Policy) -> None:
    def as_json(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: as_json(item) for key, item in node.items()}
        if isinstance(node, list):
            return [as_json(item) for item in node]
        return node.isoformat() if isinstance(node, date) else node

    assert parse_policy(as_json(data_of("beijing")), data_of("fields")) == beijing


def test_a_province_overrides_a_few_keys_of_the_policy_that_it_extends(national: Policy) -> None:
    province = parse_policy(
        {
            "code": "henan",
            "extends": "national",
            "region_code": "410000",
            "region_name": {"zh": "河南省", "en": "Henan"},
            "kinds": {"first": {"return": "never"}},
        },
        data_of("fields"),
        data_of("national"),
    )
    assert province.kinds["first"].return_ == "never"
    assert replace(province.kinds["first"], return_="allowed") == national.kinds["first"]


def windows(*days: tuple[int, int]) -> tuple[WindowFact, ...]:
    """Windows of `first`, each from and to a month of 2020 (first day to twentieth)."""
    return tuple(
        WindowFact(Words("批次", "Window"), ("first",), date(2020, a, 1), date(2020, b, 20))
        for a, b in days
    )


@pytest.mark.parametrize(
    ("on", "opens_in"),
    [
        (date(2020, 1, 1), 3),
        (date(2020, 3, 20), 3),
        (date(2020, 3, 21), 7),
        (date(2020, 7, 10), 7),
        (date(2020, 12, 1), 7),
    ],
)
def test_the_window_near_a_day_is_the_open_one_the_next_or_the_latest(
    beijing: Policy, on: date, opens_in: int
) -> None:
    policy = replace(beijing, windows=windows((7, 8), (3, 3)))
    near = policy.window_near("first", on)
    assert near is not None
    assert near.opens_on.month == opens_in
    assert replace(beijing, windows=()).window_near("first", on) is None
    assert policy.window_near("renewal", on) is None


def test_a_window_overrides_single_keys_and_nothing_else(beijing: Policy) -> None:
    kind = beijing.kinds["first"]
    window = replace(windows((7, 7))[0], overrides={"delivery": ["electronic"]})
    changed = kind.under(window)
    assert changed.delivery == ("electronic",)
    assert replace(changed, delivery=kind.delivery) == kind
    assert kind.under(None) == kind == kind.under(windows((7, 7))[0])


def test_a_window_is_checked_before_it_is_opened(beijing: Policy) -> None:
    good, bad = windows((7, 7), (8, 7))
    assert not list(window_faults(beijing, good))
    assert {fault.path for fault in window_faults(beijing, bad)} == {"closes_on"}


def test_the_rules_that_policies_may_name_are_those_that_are_carried_out() -> None:
    assert set(CARRIED_OUT) == set(RULES) | {"window_open", "in_force"}


@pytest.mark.parametrize("name", SHIPPED)
def test_x_18_a_label_set_names_every_state_that_a_kind_can_reach(name: str) -> None:
    policy, sets = shipped(name), parse_labels(data_of("labels"))
    for kind in policy.kinds.values():
        never = {"returned": kind.return_ == "never", "withdrawn": kind.withdraw == "never"}
        reachable = {state.value for state in State if not never.get(state.value)}
        assert reachable <= set(sets[kind.labels or policy.labels]), kind.code


def test_x_18_no_label_set_is_idle_and_none_names_what_is_no_state() -> None:
    sets = parse_labels(data_of("labels"))
    used = {
        kind.labels or policy.labels
        for policy in map(shipped, SHIPPED)
        for kind in policy.kinds.values()
    }
    assert set(sets) - used == {"national_v2"}  # what a policy may name instead
    known = {"none", *(state.value for state in State)}
    for texts in sets.values():
        assert {re.sub("_(later|upgradable)$", "", name) for name in texts} <= known


def test_the_dictionaries_are_sound_and_every_input_is_used() -> None:
    fields = parse_fields(data_of("fields"))
    used = {
        spec.name
        for policy in map(shipped, SHIPPED)
        for kind in policy.kinds.values()
        for spec in kind.fields
    }
    assert used == set(fields)
    assert all(spec.source for spec in fields.values() if spec.locked)
    assert all(spec.choices for spec in fields.values() if spec.kind in ("choice", "choices"))


def test_mc_10_the_unit_types_are_the_eight_of_the_national_guide() -> None:
    unit_types = parse_fields(data_of("fields"))["unit_type"].choices
    assert "、".join(choice.label.zh for choice in unit_types) == (
        "社会工作服务机构、社会团体、基金会、党政机关、事业单位、村（居）委会、企业、其他"
    )


def test_reasons_serve_rejection_and_return_and_tell_the_applicant() -> None:
    reasons = parse_reasons(data_of("reasons"))
    offered = {verdict for reason in reasons.values() for verdict in reason.verdicts}
    assert offered == {"reject", "return"}
    assert all(reason.text.zh.endswith("。") for reason in reasons.values())
    assert reasons["other"].verdicts == ("reject", "return")


def test_no_place_is_named_in_the_code_of_the_rules() -> None:
    names = re.compile(
        r"北京|成都|河南|四川|beijing|chengdu|henan|\b(11|41|51)\d{4}\b", re.IGNORECASE
    )
    for source in (POLICIES.parent / "rules").glob("*.py"):
        code = re.sub(r'"""(?:.|\n)*?"""', "", source.read_text("utf-8"))
        assert not names.search(code), source.name

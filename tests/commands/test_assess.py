"""`portal assess`: the golden facts through the command, and the shape of its answer."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.scope import as_system
from models.policy import Policy as Edition
from tests.support.assessing import BEIJING, Facts, finding, registered, run

Asking = Callable[..., Any]

HOURS = [{"on": "2019-05-01", "hours": 72, "source": "online", "accepted": False}]


@pytest.fixture
def ask(app: Flask) -> Asking:
    """The answer of `portal assess` on a day."""

    def asked(facts: Facts, on: str, policy: str = "beijing", *options: str) -> Any:
        code, out, _err = run(app, facts, "--policy", policy, "--on", on, *options)
        assert code == 0, _err
        assert out.count("\n") == 1
        return json.loads(out)

    return asked


# ---------------------------------------------------------------- the answer


@pytest.mark.database("sqlite")
def test_the_answer_has_exactly_this_shape(ask: Asking) -> None:
    answer = ask(BEIJING, "2020-07-10")
    assert list(answer) == ["policy", "version", "on", "route", "kinds"]
    assert (answer["policy"], answer["version"], answer["on"]) == ("beijing", 1, "2020-07-10")
    assert list(answer["kinds"]) == ["first", "renewal", "late_renewal", "replacement"]
    for kind in answer["kinds"].values():
        assert list(kind) == ["eligible", "cycles", "valid_until", "findings"]
        for one in kind["findings"]:
            assert list(one) == ["rule", "ok", "expected", "actual", "message"]
            assert list(one["message"]) == ["zh", "en"]
            assert "{" not in one["message"]["zh"] + one["message"]["en"]


@pytest.mark.database("sqlite")
def test_hn_28_a_rule_that_only_warns_says_so_where_it_fails(ask: Asking) -> None:
    young = {**BEIJING, "region_code": "360102", "exam_year": 2020, "born_on": "2004-01-01"}
    answer = ask(young, "2020-07-10", "national")
    assert answer["kinds"]["first"]["eligible"]
    assert finding(answer, "first", "adult")["warning"] is True
    grown = ask({**young, "born_on": "1990-01-01"}, "2020-07-10", "national")
    assert "warning" not in finding(grown, "first", "adult")


@pytest.mark.parametrize(
    ("last", "route", "cycles"),
    [
        (2020, None, []),
        (2018, None, []),
        (2017, "renewal", [2020]),
        (2016, "late_renewal", [2019]),
        (2014, "late_renewal", [2017, 2020]),
        (2011, "late_renewal", [2014, 2017, 2020]),
        (2009, "late_renewal", [2012, 2015, 2018]),
    ],
)
@pytest.mark.database("sqlite")
def test_g1_the_last_registration_leads_to_a_kind_and_its_cycles(
    ask: Asking, last: int, route: str | None, cycles: list[int]
) -> None:
    answer = ask(registered(last), "2020-07-10")
    assert answer["route"] == route
    settled = {code: kind["cycles"] for code, kind in answer["kinds"].items() if kind["cycles"]}
    assert settled == ({route: cycles} if route else {})


@pytest.mark.database("sqlite")
def test_g1_what_was_missed_and_is_due_is_valid_to_the_next_turn(ask: Asking) -> None:
    late = ask(registered(2014), "2020-07-10")["kinds"]["late_renewal"]
    assert late["valid_until"] == "2023-05-31"
    assert ask(registered(2016), "2020-07-10")["kinds"]["late_renewal"]["valid_until"] == (
        "2022-05-31"
    )


@pytest.mark.parametrize(
    ("exam_year", "route"), [(2020, None), (2019, "first"), (2018, "replacement")]
)
@pytest.mark.database("sqlite")
def test_g2_the_examination_leads_those_who_were_never_registered(
    ask: Asking, exam_year: int, route: str | None
) -> None:
    held = None if exam_year == 2020 else "2010012345"
    facts = {**BEIJING, "exam_year": exam_year, "management_number": held}
    assert ask(facts, "2020-07-10")["route"] == route


@pytest.mark.database("sqlite")
def test_g2_nationally_too_late_for_a_first_registration_is_first_and_refused(ask: Asking) -> None:
    answer = ask({**BEIJING, "exam_year": 2018}, "2020-07-10", "national")
    assert answer["route"] == "first"
    assert not answer["kinds"]["first"]["eligible"]


@pytest.mark.parametrize(
    ("level", "hours", "met"),
    [
        ("assistant", [71.9], False),
        ("assistant", [72], True),
        ("social_worker", [89.9], False),
        ("social_worker", [90.0], True),
        ("senior", [90], True),
    ],
)
@pytest.mark.database("sqlite")
def test_g5_hours_by_level(ask: Asking, level: str, hours: list[float], met: bool) -> None:
    credits = [{"on": "2019-05-01", "hours": h, "source": "online"} for h in hours]
    answer = ask({**registered(2017), "level": level, "credits": credits}, "2020-07-10")
    assert finding(answer, "renewal", "credit_hours")["ok"] is met


@pytest.mark.database("sqlite")
def test_g5_online_and_accepted_offline_hours_add_up(ask: Asking) -> None:
    online = {"on": "2018-05-01", "hours": 40, "source": "online"}
    offline = {"on": "2018-05-02", "hours": 32, "source": "offline", "accepted": True}
    for accepted in (True, False):
        given = [online, {**offline, "accepted": accepted}]
        answer = ask({**registered(2017), "credits": given}, "2020-07-10")
        assert finding(answer, "renewal", "credit_hours")["ok"] is accepted


@pytest.mark.database("sqlite")
def test_g6_the_level_of_now_says_how_many_hours(ask: Asking) -> None:
    answer = ask({**registered(2017), "credits": HOURS, "level": "social_worker"}, "2020-07-10")
    assert finding(answer, "renewal", "credit_hours")["expected"] == "90"


@pytest.mark.database("sqlite")
def test_bj_30_a_proof_for_every_turn_is_enough_at_submit_and_never_at_approval(
    ask: Asking,
) -> None:
    for proofs, met in (([2017, 2020], True), ([2017], False), ([2020], False)):
        facts = {**registered(2014), "proofs": proofs}
        hours = finding(ask(facts, "2020-07-10"), "late_renewal", "credit_hours")
        assert hours["ok"] is met
    facts = {**registered(2014), "proofs": [2017, 2020]}
    approval = ask(facts, "2020-07-10", "beijing", "--at", "approval")
    assert not finding(approval, "late_renewal", "credit_hours")["ok"]
    entry = ask({**facts, "proofs": []}, "2020-07-10", "beijing", "--at", "entry")
    assert finding(entry, "late_renewal", "credit_hours")["ok"]


@pytest.mark.database("sqlite")
def test_x_02_validity_ends_on_the_fixed_day_here_and_on_the_anniversary_there(
    ask: Asking,
) -> None:
    facts = {**BEIJING, "exam_year": 2019}
    assert ask(facts, "2020-07-15")["kinds"]["first"]["valid_until"] == "2023-05-31"
    national = ask({**facts, "region_code": "360102"}, "2020-07-15", "national")
    assert national["kinds"]["first"]["valid_until"] == "2023-07-15"


@pytest.mark.parametrize(("day", "counts"), [("2017-01-01", True), ("2016-12-31", False)])
@pytest.mark.database("sqlite")
def test_x_27_hours_of_a_turn_begin_three_years_before_it(
    ask: Asking, day: str, counts: bool
) -> None:
    credits = [{"on": day, "hours": 72, "source": "online"}]
    answer = ask({**registered(2017), "credits": credits}, "2020-07-10")
    assert finding(answer, "renewal", "credit_hours")["ok"] is counts


@pytest.mark.parametrize(("day", "counts"), [("2017-07-15", True), ("2017-07-14", False)])
@pytest.mark.database("sqlite")
def test_x_27_they_begin_at_the_last_registration_where_its_day_is_known(
    ask: Asking, day: str, counts: bool
) -> None:
    credits = [{"on": day, "hours": 72, "source": "online"}]
    facts = {**registered(2017, on="2017-07-15"), "credits": credits}
    assert finding(ask(facts, "2020-07-10"), "renewal", "credit_hours")["ok"] is counts


# ---------------------------------------------------------------- which policy


@pytest.mark.database("sqlite")
def test_auto_goes_by_region(ask: Asking) -> None:
    assert ask(BEIJING, "2020-07-10", "auto")["policy"] == "beijing"
    assert ask({**BEIJING, "region_code": "360102"}, "2020-07-10", "auto")["policy"] == "national"


@pytest.mark.parametrize("policy", ["beijing", "auto"])
@pytest.mark.database("sqlite")
def test_outside_its_dates_a_policy_answers_with_what_fails(ask: Asking, policy: str) -> None:
    answer = ask(registered(2005), "2008-12-31", policy)
    assert answer["policy"] == "beijing"
    for kind in answer["kinds"].values():
        first = kind["findings"][0]
        assert (first["rule"], first["ok"], kind["eligible"]) == ("in_force", False, False)


def test_a_policy_answers_in_the_edition_of_the_day_or_the_nearest(app: Flask, ask: Asking) -> None:
    with app.app_context(), as_system("a test arranges") as session, session.begin():
        first = session.query(Edition).filter_by(code="beijing").one()
        source = first.source.replace("effective_from: 2009-01-01", "effective_from: 2021-01-01")
        old = first.source.replace(
            "effective_from: 2009-01-01",
            "effective_from: 2009-01-01\neffective_until: 2020-12-31",
        )
        first.source, first.digest, first.effective_until = old, "old", date(2020, 12, 31)
        session.add(
            Edition(
                code="beijing",
                edition=2,
                jurisdiction="110000",
                effective_from=date(2021, 1, 1),
                source=source,
                digest="new",
                published_at=first.published_at,
            )
        )
    for day, edition in (
        ("2008-01-01", 1),
        ("2020-12-31", 1),
        ("2021-01-01", 2),
        ("2030-01-01", 2),
    ):
        for policy in ("beijing", "auto"):
            assert ask(BEIJING, day, policy)["version"] == edition


# ---------------------------------------------------------------- the other policies


def elsewhere(region_code: str, until: str | None = None) -> Facts:
    """Somebody who passed in 2015, and was registered until a day or never."""
    facts = {"level": "assistant", "exam_year": 2015, "management_number": "1"}
    if until is None:
        return {**facts, "region_code": region_code}
    due = int(until[:4])
    last = {"kind": "first", "year": due - 3, "valid_until": until}
    return {**facts, "region_code": region_code, "registrations": [last], "proofs": [due]}


@pytest.mark.parametrize(
    ("policy", "on", "facts", "route", "eligible", "valid_until"),
    [
        ("chengdu", "2025-03-31", elsewhere("510107", "2025-06-30"), None, False, "2028-06-30"),
        ("auto", "2025-04-01", elsewhere("510107", "2025-06-30"), "renewal", True, "2028-06-30"),
        ("national", "2025-03-29", elsewhere("360102", "2025-06-30"), None, False, "2028-03-29"),
        ("auto", "2025-03-30", elsewhere("360102", "2025-06-30"), "renewal", True, "2028-03-30"),
        ("auto", "2025-01-01", elsewhere("510107", "2023-01-01"), "renewal", True, "2028-01-01"),
        ("auto", "2021-05-01", elsewhere("410105"), "first", True, "2024-05-01"),
        ("auto", "2022-04-02", elsewhere("410105"), "first", False, "2025-04-02"),
        ("henan-2021", "2021-05-01", elsewhere("410105", "2023-06-30"), "renewal", True, None),
    ],
)
@pytest.mark.database("sqlite")
def test_g3_x_14_x_29_gates_late_renewal_and_waivers(
    ask: Asking,
    policy: str,
    on: str,
    facts: Facts,
    route: str | None,
    eligible: bool,
    valid_until: str | None,
) -> None:
    answer = ask(facts, on, policy)
    kind = answer["kinds"][route or "renewal"]
    assert (answer["route"], kind["eligible"]) == (route, eligible)
    assert valid_until in (None, kind["valid_until"])

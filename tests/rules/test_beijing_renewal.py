"""The manual of Beijing on 再登记, 补登记 and 补证, read line by line against the policy."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.eligibility import assess, entry_summary, outlook, route
from app.rules.facts import RegistrationFact
from app.rules.kinds import Kind, WindowFact
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import return_refusal, withdraw_refusal
from tests.rules.people import elsewhere, failing, here, hours, may, person, registered

ON = date(2020, 7, 10)
KINDS = ("renewal", "late_renewal", "replacement")
WINDOW = WindowFact(
    Words("2020年再登记、补登记、补证", "The other kinds of 2020"),
    KINDS,
    date(2020, 9, 1),
    date(2020, 9, 30),
)
OLD = person("110105", exam_year=2008, qualified_on=None)
DUE = replace(OLD, registrations=registered(2017))
MISSED = replace(OLD, registrations=registered(2014))
NEVER = person("110105", exam_year=2018, proofs=(2020,))


@pytest.fixture(scope="module")
def opened(beijing: Policy) -> Policy:
    """The policy with all kinds open: what is asked here is not the window."""
    kinds = {code: replace(kind, opens="always") for code, kind in beijing.kinds.items()}
    return replace(beijing, kinds=kinds, windows=())


@pytest.fixture(params=KINDS)
def kind(beijing: Policy, request: pytest.FixtureRequest) -> Kind:
    return beijing.kind_on(request.param, ON)


# ---------------------------------------------------------------- the batch


@pytest.mark.parametrize(
    ("on", "is_open"),
    [
        (date(2020, 8, 31), False),
        (date(2020, 9, 1), True),
        (date(2020, 9, 30), True),
        (date(2020, 10, 1), False),
    ],
)
def test_bj_63_the_other_kinds_open_by_a_batch_of_their_own(
    beijing: Policy, on: date, is_open: bool
) -> None:
    policy = replace(beijing, windows=(*beijing.windows, WINDOW))
    people = {"renewal": DUE, "late_renewal": MISSED, "replacement": NEVER}
    for code, facts in people.items():
        proved = replace(facts, proofs=(2017, 2020))
        assert may(policy, proved, code, on) is is_open
        assert not may(policy, proved, "first", on)
    findings = assess(policy, DUE, on, ["renewal"])
    assert ("不在登记时间内" in entry_summary(findings, "renewal").zh) is not is_open


@given(st.dates(date(2020, 1, 1), date(2020, 12, 31)))
def test_bj_18_in_the_year_of_expiry_it_is_a_renewal_on_every_day(opened: Policy, on: date) -> None:
    facts = replace(OLD, registrations=registered(2017, until=date(2020, 5, 31)), proofs=(2020,))
    assert route(opened, facts, on) == "renewal"
    assert may(opened, facts, "renewal", on)
    assert outlook(opened, "renewal", facts, on).valid_until == date(2023, 5, 31)


@pytest.mark.parametrize(
    ("until", "kind"),
    [
        (date(2021, 5, 31), None),
        (date(2021, 1, 1), None),
        (date(2020, 12, 31), "renewal"),
        (date(2020, 5, 31), "renewal"),
        (date(2020, 1, 1), "renewal"),
        (date(2019, 12, 31), "late_renewal"),
        (date(2019, 5, 31), "late_renewal"),
    ],
)
def test_bj_16_bj_40_x_01_the_year_of_the_validity_decides(
    opened: Policy, until: date, kind: str | None
) -> None:
    for facts in (
        replace(OLD, registrations=registered(2009, until=until)),
        replace(OLD, registrations=registered(2017), certificate=here(until)),
        replace(OLD, certificate=elsewhere(until)),
    ):
        assert route(opened, facts, ON) == kind


def test_bj_18_x_01_a_late_renewal_of_2019_is_due_again_in_2022(opened: Policy) -> None:
    late = RegistrationFact(
        "late_renewal", 2019, on=date(2020, 9, 15), valid_until=date(2022, 5, 31)
    )
    facts = replace(OLD, registrations=(*registered(2016), late))
    routes = {year: route(opened, facts, date(year, 7, 1)) for year in (2020, 2021, 2022, 2023)}
    assert routes == {2020: None, 2021: None, 2022: "renewal", 2023: "late_renewal"}


def test_bj_21_a_history_of_another_kind_is_sent_there(opened: Policy) -> None:
    facts = replace(OLD, registrations=registered(2016), proofs=(2019,))
    refused = failing(opened, facts, "renewal", ON)
    assert list(refused) == ["last_registration"]
    assert "请办理补登记" in refused["last_registration"].message.zh
    assert may(opened, facts, "late_renewal", ON)
    early = failing(opened, replace(OLD, registrations=registered(2018)), "renewal", ON)
    assert "下一次登记在2021年" in early["last_registration"].message.zh


# ---------------------------------------------------------------- hours


@pytest.mark.parametrize(
    ("level", "amount", "enough"),
    [
        ("assistant", "71.9", False),
        ("assistant", 71, False),
        ("assistant", 72, True),
        ("social_worker", 89, False),
        ("social_worker", 90, True),
        ("senior", 89, False),
        ("senior", 90, True),
    ],
)
def test_bj_31_bj_32_hours_of_this_system_need_no_upload(
    opened: Policy, level: str, amount: Any, enough: bool
) -> None:
    facts = replace(DUE, level=level, credits=(hours(amount, date(2018, 6, 1)),))
    assert may(opened, facts, "renewal", ON) is enough
    if not enough:
        message = failing(opened, facts, "renewal", ON)["credit_hours"].message.zh
        assert str(amount) in message
        assert ("72" if level == "assistant" else "90") in message


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2016, 12, 31), False),
        (date(2017, 1, 1), True),
        (date(2019, 12, 31), True),
        (ON, True),
        (ON + timedelta(days=1), False),
    ],
)
def test_bj_32_x_27_the_cycle_begins_with_its_year_where_only_the_year_is_known(
    opened: Policy, day: date, counts: bool
) -> None:
    facts = replace(DUE, credits=(hours(72, day),))
    assert may(opened, facts, "renewal", ON, "approval") is counts


@pytest.mark.parametrize(("day", "counts"), [(date(2017, 7, 14), False), (date(2017, 7, 15), True)])
def test_x_27_the_cycle_begins_with_the_day_of_the_last_registration_where_it_is_known(
    opened: Policy, day: date, counts: bool
) -> None:
    known = (RegistrationFact("first", 2017, on=date(2017, 7, 15)),)
    facts = replace(DUE, registrations=known, credits=(hours(72, day),))
    assert may(opened, facts, "renewal", ON, "approval") is counts


@pytest.mark.parametrize(
    ("day", "turn"), [(date(2016, 12, 31), 2017), (date(2017, 1, 1), 2020), (ON, 2020)]
)
def test_x_27_hours_at_the_boundary_between_two_turns_count_once(
    opened: Policy, day: date, turn: int
) -> None:
    other = 2017 if turn == 2020 else 2020
    facts = replace(MISSED, credits=(hours(72, day),))
    assert may(opened, replace(facts, proofs=(other,)), "late_renewal", ON)
    assert not may(opened, replace(facts, proofs=(turn,)), "late_renewal", ON)


@given(
    st.lists(st.tuples(st.integers(2013, 2020), st.integers(0, 200)), max_size=8),
    st.tuples(st.integers(2013, 2020), st.integers(0, 200)),
)
def test_more_hours_never_make_anyone_less_eligible(
    opened: Policy, earned: list[tuple[int, int]], more: tuple[int, int]
) -> None:
    credits = tuple(hours(n, date(year, 6, 1)) for year, n in earned)
    before = replace(MISSED, credits=credits)
    after = replace(MISSED, credits=(*credits, hours(more[1], date(more[0], 6, 1))))
    for at in ("submit", "approval"):
        assert may(opened, before, "late_renewal", ON, at) <= may(
            opened, after, "late_renewal", ON, at
        )


@pytest.mark.parametrize(
    ("proofs", "amounts", "accepted"),
    [
        ((2017, 2020), (), True),
        ((2017,), (), False),
        ((2020,), (), False),
        ((), (72, 72), True),
        ((2020,), (72, 0), True),
        ((2017,), (0, 72), True),
        ((2017,), (72, 0), False),
        ((), (144, 0), False),
    ],
)
def test_bj_30_bj_44_each_turn_has_its_own_proof_or_its_own_hours(
    opened: Policy, proofs: tuple[int, ...], amounts: tuple[int, ...], accepted: bool
) -> None:
    days = (date(2015, 6, 1), date(2018, 6, 1))
    credits = tuple(hours(n, day) for n, day in zip(amounts, days, strict=False))
    facts = replace(MISSED, proofs=proofs, credits=credits)
    assert may(opened, facts, "late_renewal", ON) is accepted
    assert outlook(opened, "late_renewal", facts, ON).turns == (2017, 2020)


def test_bj_30_at_the_approval_only_hours_count(opened: Policy) -> None:
    proved = replace(DUE, proofs=(2020,))
    assert may(opened, proved, "renewal", ON)
    refused = failing(opened, proved, "renewal", ON, "approval")
    assert "还差72学时" in refused["credit_hours"].message.zh
    half = (hours(40, date(2018, 1, 1)), hours(32, date(2019, 1, 1), "offline", True))
    assert may(opened, replace(proved, credits=half), "renewal", ON, "approval")


# ---------------------------------------------------------------- replacement


@pytest.mark.parametrize(("exam_year", "accepted"), [(2020, False), (2019, False), (2018, True)])
def test_bj_46_bj_47_case_one_is_for_those_who_were_never_registered(
    opened: Policy, exam_year: int, accepted: bool
) -> None:
    facts = replace(NEVER, exam_year=exam_year, qualified_on=None)
    assert may(opened, facts, "replacement", ON) is accepted


@pytest.mark.parametrize(
    ("lost", "at", "accepted"),
    [(True, "submit", True), (False, "submit", False), (None, "entry", True)],
)
def test_bj_46_bj_48_case_two_is_for_a_certificate_that_is_lost(
    opened: Policy, lost: bool | None, at: str, accepted: bool
) -> None:
    held = registered(2018, until=date(2021, 5, 31))
    facts = replace(OLD, registrations=held, certificate_lost=lost, proofs=(2021,))
    assert may(opened, facts, "replacement", ON, at) is accepted


def test_bj_48_x_12_a_lost_certificate_keeps_validity_and_turn(opened: Policy) -> None:
    held = registered(2018, until=date(2021, 5, 31))
    facts = replace(OLD, registrations=held, certificate_lost=True, proofs=(2021,))
    found = outlook(opened, "replacement", facts, ON)
    assert (found.turns, found.valid_until) == ((), date(2021, 5, 31))
    assert route(opened, replace(facts, certificate_lost=False), ON) is None


def test_x_12_lost_and_due_has_a_way_through(opened: Policy) -> None:
    due = replace(DUE, certificate_lost=True, proofs=(2020,))
    assert may(opened, due, "replacement", ON)
    assert may(opened, due, "renewal", ON)
    missed = replace(MISSED, certificate_lost=True, proofs=(2017, 2020))
    refused = failing(opened, missed, "replacement", ON)
    assert "请先办理补登记" in refused["without_certificate"].message.zh
    assert may(opened, missed, "late_renewal", ON)


@pytest.mark.parametrize("code", ["renewal", "late_renewal"])
def test_x_12_a_statement_takes_the_place_of_a_lost_certificate(beijing: Policy, code: str) -> None:
    slots = {slot.name: slot for slot in beijing.kinds[code].materials}
    assert slots["certificate"].needed({"certificate_lost": "no"})
    assert not slots["certificate"].asked({"certificate_lost": "yes"})
    assert slots["loss_statement"].needed({"certificate_lost": "yes"})
    assert not slots["loss_statement"].asked({"certificate_lost": "no"})


@given(st.integers(0, 364))
def test_x_48_case_one_counts_from_the_approval(opened: Policy, day: int) -> None:
    on = date(2020, 1, 1) + timedelta(days=day)
    found = outlook(opened, "replacement", NEVER, on)
    assert (found.turns, found.valid_until) == ((), date(2023, 5, 31))


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({"proofs": ()}, False),
        ({"proofs": (2020,)}, True),
        ({"proofs": (), "credits": (hours(1, date(2019, 1, 1)),)}, True),
        ({"proofs": (), "credits": (hours(1, date(2019, 1, 1), "offline"),)}, False),
    ],
)
def test_bj_50_x_11_case_one_shows_education_and_no_hours_are_counted(
    opened: Policy, change: dict[str, Any], accepted: bool
) -> None:
    assert may(opened, replace(NEVER, **change), "replacement", ON) is accepted
    assert may(opened, replace(NEVER, **change), "replacement", ON, "approval") is accepted


def test_x_44_who_was_revoked_is_sent_to_the_office(opened: Policy) -> None:
    facts = replace(DUE, certificate=here(date(2020, 5, 31), "revoked"), proofs=(2020,))
    assert list(failing(opened, facts, "renewal", ON)) == ["not_revoked"]


# ---------------------------------------------------------------- form, materials, delivery


@pytest.mark.parametrize("code", ["renewal", "late_renewal"])
def test_bj_19_bj_20_bj_42_j_02_j_03_j_11_the_step_of_the_history(
    beijing: Policy, code: str
) -> None:
    history = beijing.kinds[code].history
    assert history is not None
    assert (history.ask, history.several) == (("year",), True)
    assert history.title.zh == "历史登记记录补充表"
    assert history.add.zh == "添加登记记录"
    assert history.complete.zh == "登记记录已填写完整，进入登记"
    assert history.note.zh == "请务必按照您登记证书上的实际登记情况进行填写。"


def test_ba_29_bj_49_the_other_two_have_no_such_step(beijing: Policy) -> None:
    assert beijing.kinds["first"].history is None
    assert beijing.kinds["replacement"].history is None


def names(kind: Kind) -> list[str]:
    return [slot.name for slot in kind.materials]


def test_bj_29_the_double_page_names_the_year_of_the_batch(beijing: Policy) -> None:
    for year in (2020, 2023):
        current = beijing.kind_on("renewal", date(year, 7, 1))
        (page,) = [slot for slot in current.materials if slot.name == "certificate"]
        assert page.label.zh == "《登记证书》登记记录对开页"
        assert f"“有效期至{year}年5月31日”的登记记录对开页照片" in page.hint.zh


def test_bj_43_materials_of_a_late_renewal(beijing: Policy) -> None:
    kind = beijing.kind_on("late_renewal", ON)
    lost = {"loss_statement"}
    assert [name for name in names(kind) if name not in lost] == (
        ["portrait", "id_front", "id_back", "certificate", "credit_proof"]
    )
    (page,) = [slot for slot in kind.materials if slot.name == "certificate"]
    assert page.label.zh == "《登记证书》最近一次登记记录对开页"


def test_bj_44_a_proof_is_asked_for_each_turn_on_pages_of_its_own(beijing: Policy) -> None:
    for code in ("renewal", "late_renewal"):
        slots = beijing.kinds[code].slots((2017, 2020))
        proofs = [slot for slot in slots if slot.hours]
        assert {slot.turn for slot in proofs} == {2017, 2020}
        assert [slot.page for slot in proofs if slot.turn == 2017] == [1, 2, 3, 4]


def test_bj_50_materials_of_a_replacement(beijing: Policy) -> None:
    kind = beijing.kinds["replacement"]
    assert names(kind) == ["portrait", "id_front", "id_back", "qualification", "credit_proof"]
    labels = {slot.name: slot.label.zh + slot.hint.zh for slot in kind.materials}
    assert "《社会工作者职业水平证书》个人信息页" in labels["qualification"]
    assert "《专业技术人员职业资格证书》" in labels["qualification"]
    assert "历次学时记录" in labels["credit_proof"]


def test_bj_46_the_case_is_chosen_on_the_form(beijing: Policy) -> None:
    reason = beijing.kinds["replacement"].fields[0]
    assert (reason.name, [c.code for c in reason.choices]) == (
        "replacement_case",
        ["never_registered", "lost"],
    )


def test_bj_27_bj_28_bj_56_x_06_portrait_and_papers_of_every_kind(kind: Kind) -> None:
    slots = {slot.name: slot for slot in kind.materials}
    assert slots["portrait"].portrait is not None
    assert {slot.max_bytes for name, slot in slots.items() if name != "portrait"} == {1048576}
    assert {"id_front", "id_back"} <= slots.keys()
    assert all(slot.required for slot in slots.values())


def test_bj_25_every_field_of_every_kind_is_required(kind: Kind) -> None:
    assert all(spec.required for spec in kind.fields)


@pytest.mark.parametrize(
    ("code", "delivery"),
    [
        ("first", ["pickup", "post"]),
        ("renewal", ["electronic"]),
        ("late_renewal", ["electronic"]),
        ("replacement", ["post"]),
    ],
)
def test_bj_26_bj_49_x_46_how_each_kind_is_delivered(
    beijing: Policy, code: str, delivery: list[str]
) -> None:
    kind = beijing.kinds[code]
    assert list(kind.delivery) == delivery
    (asked,) = [spec for spec in kind.fields if spec.name == "delivery"]
    assert {choice.code for choice in asked.choices} == set(delivery)
    address = {spec.name for spec in kind.fields if spec.needed({"delivery": "post"})}
    assert ("delivery_address" in address) is ("post" in delivery)


def test_bj_45_bj_51_declaration_course_and_notices_are_those_of_the_first(
    beijing: Policy, kind: Kind
) -> None:
    first = beijing.kinds["first"]
    assert (kind.consents, kind.submitted) == (first.consents, first.submitted)
    assert (kind.review, kind.notify) == (first.review, first.notify)
    assert kind.resubmit == "within_window"
    assert withdraw_refusal(kind.withdraw, 0) is not None
    assert return_refusal(kind.return_) is not None


def test_bj_15_every_kind_has_its_guide_with_conditions(beijing: Policy) -> None:
    for one in beijing.kinds.values():
        assert one.summary.zh
        assert one.conditions
        assert len(one.guide) >= 4


def test_bj_58_the_contacts_of_the_manual(beijing: Policy) -> None:
    _software, support, association = beijing.contacts
    assert support.phone == "17896109551、65868811"
    assert "793599592、766587819" in support.about.zh
    assert association.phone == "58163934、58163924、58163910、58163960"
    assert "600681024" in association.about.zh
    assert "soulhert" in association.about.zh
    for one in (support, association):
        assert one.hours is not None
        assert one.hours.zh == "工作日9:00—16:00"


def test_bj_55_those_concerned_are_told_a_day_before(beijing: Policy) -> None:
    assert beijing.remind_days == 1

"""The life of a certificate: lost, revoked, cancelled, made anew; who may and who confirms."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import clock
from app.documents.certificate import certificate_pdf
from app.extensions import db as database
from app.queries import own
from app.queries.cases import shared_numbers
from app.queries.lineage import lineage
from app.scope import Actor, as_system
from app.services import certificates, holders, measures, records
from app.services.certificates import standing
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal
from app.services.verification import public_status
from models.certificate import Certificate, Measure
from models.codes import MEASURES, REASONS_OF
from models.event import Event
from models.message import Message
from models.worker import Worker
from tests.documents.reading import whole_text
from tests.services.approved import Case, approved, person, registration, submitted
from tests.support import factories
from tests.support.factories import acting, actor, every, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

ON = "2020-08-01T09:00"
LATER = "2020-08-02T09:00"
NOTE = "群众举报，经调查属实（京民函〔2020〕8号）"
REASON = {"revoke": "fraud", "cancel": "own_wish", "reissue": "name_changed"}
ENDED = {"revoke": "revoked", "cancel": "cancelled", "reissue": "replaced"}


@pytest.fixture
def case(app: Flask) -> Case:
    """Somebody of Zhengzhou with a certificate."""
    return issued(approved("410105", name="欧阳静怡"))


@pytest.fixture
def capital(app: Flask) -> Case:
    """Somebody of Beijing, where lost certificates are replaced."""
    return issued(approved("110105", name="欧阳静怡"))


def issued(case: Case, at: str = "2020-07-15T10:00") -> Case:
    with clock.frozen(at):
        certificates.issue(case.application.id)
    return case


def held(case: Case) -> Certificate:
    """The newest certificate of a person."""
    newest: Certificate = every(Certificate, worker_id=case.worker.id)[-1]
    return newest


def propose(case: Case, who: Actor, act: str = "revoke", **values: Any) -> Measure:
    with acting(who, ON):
        given = {"reason_code": REASON[act], "note": NOTE, **values}
        return measures.propose(held(case).number, act, given)


def rename(case: Case, name: str = "欧阳静") -> None:
    with acting(actor("county_admin", "410105"), ON):
        records.update(Worker, case.worker.id, {"name": name})


def carried_out(case: Case, act: str) -> Measure:
    """A measure that one person of the province proposed and another one confirmed."""
    province = f"{case.worker.region_code[:2]}0000"
    made = propose(case, actor("province_admin", province), act)
    with acting(actor("province_reviewer", province), LATER):
        return measures.confirm(made.id)


def events_of(certificate: Certificate) -> list[Event]:
    with as_system("a test looks") as session:
        query = select(Event).where(Event.subject == f"certificate:{certificate.id}")
        return list(session.scalars(query.order_by(Event.seq)))


# What the public reads


@pytest.mark.parametrize("act", ["revoke", "cancel"])
def test_a_measure_is_public_with_its_confirmation_and_not_before(case: Case, act: str) -> None:
    number = held(case).number
    made = propose(case, actor("province_admin", "410000"), act)
    with clock.frozen(ON):
        assert public_status(number).standing == "valid"
    with acting(actor("province_reviewer", "410000"), LATER):
        measures.confirm(made.id)
        assert public_status(number).standing == ENDED[act]
    row = held(case)
    assert (row.state, row.ended_on, row.end_reason) == (ENDED[act], date(2020, 8, 2), REASON[act])


@pytest.mark.parametrize(
    ("on", "state", "expected"),
    [
        (date(2023, 4, 15), "valid", "valid"),
        (date(2023, 4, 17), "valid", "due"),
        (date(2023, 7, 15), "valid", "due"),
        (date(2023, 7, 16), "valid", "expired"),
        (date(2023, 7, 16), "lost", "lost"),
        (date(2020, 8, 1), "replaced", "replaced"),
    ],
)
def test_one_function_tells_the_public_state_on_a_day(
    case: Case, on: date, state: str, expected: str
) -> None:
    row = held(case)
    row.state = state
    assert standing(row, on) == expected


# Two persons


@pytest.mark.parametrize("act", MEASURES)
def test_whoever_proposed_a_measure_does_not_confirm_it(case: Case, act: str) -> None:
    rename(case)
    who = actor("province_admin", "410000")
    made = propose(case, who, act)
    with acting(who, LATER), pytest.raises(Forbidden) as refused:
        measures.confirm(made.id)
    assert refused.value.code == "second_person"
    assert held(case).state == "valid"


def test_a_declined_measure_changes_nothing_and_stays_on_record(case: Case) -> None:
    made = propose(case, actor("province_admin", "410000"))
    with acting(actor("province_reviewer", "410000"), LATER):
        measures.decline(made.id)
    assert (stored(Measure, made.id).state, held(case).state) == ("declined", "valid")
    assert [one.verb for one in events_of(held(case))] == ["propose_measure", "decline_measure"]
    with acting(actor("province_reviewer", "410000"), LATER), pytest.raises(Conflict):
        measures.confirm(made.id)


@pytest.mark.parametrize(
    ("role", "region_code"), [("city_reviewer", "410100"), ("county_reviewer", "410105")]
)
def test_an_office_below_does_not_decline_what_it_could_not_confirm(
    case: Case, role: str, region_code: str
) -> None:
    made = propose(case, actor("province_admin", "410000"))
    for decide in (measures.confirm, measures.decline):
        with acting(actor(role, region_code), LATER), pytest.raises(Forbidden) as refused:
            decide(made.id)
        assert refused.value.code == "too_low"
    assert stored(Measure, made.id).state == "proposed"


def test_whoever_proposed_a_measure_takes_it_back_from_a_lower_office_too(case: Case) -> None:
    who = actor("province_admin", "410000")
    made = propose(case, who)
    moved = replace(actor("county_reviewer", "410105"), account_id=who.account_id)
    with acting(moved, LATER):
        measures.decline(made.id)
    assert stored(Measure, made.id).state == "declined"


@pytest.mark.parametrize("proposer", [True, False])
def test_nobody_declines_a_measure_on_a_certificate_of_their_own(
    case: Case, proposer: bool
) -> None:
    who = actor("province_admin", "410000")
    made = propose(case, who)
    other = who if proposer else actor("province_reviewer", "410000")
    holder = replace(other, worker_id=case.worker.id)
    with acting(holder, LATER), pytest.raises(Forbidden) as refused:
        measures.decline(made.id)
    assert refused.value.code == "own_certificate"
    assert stored(Measure, made.id).state == "proposed"


def test_one_measure_waits_at_a_time(case: Case) -> None:
    propose(case, actor("province_admin", "410000"))
    with pytest.raises(Conflict) as refused:
        propose(case, actor("city_admin", "410100"), "cancel")
    assert refused.value.code == "waiting"


# Whose office


@pytest.mark.parametrize(
    ("act", "role", "region_code", "may"),
    [
        ("revoke", "province_admin", "410000", True),
        ("revoke", "city_admin", "410100", False),
        ("revoke", "county_admin", "410105", False),
        ("cancel", "city_reviewer", "410100", True),
        ("cancel", "county_reviewer", "410105", False),
        ("reissue", "city_admin", "410100", True),
    ],
)
def test_the_policy_says_from_which_level_an_office_may(
    case: Case, act: str, role: str, region_code: str, may: bool
) -> None:
    rename(case)
    who = actor(role, region_code)
    if may:
        assert propose(case, who, act).state == "proposed"
        return
    with pytest.raises(Forbidden) as refused:
        propose(case, who, act)
    assert refused.value.code == "too_low"


@pytest.mark.parametrize("role", ["body_reviewer", "platform_admin", "applicant", "auditor"])
def test_no_other_role_ends_a_certificate(case: Case, role: str) -> None:
    who = case.applicant if role == "applicant" else actor(role, "410000")
    with pytest.raises(Forbidden):
        propose(case, who)


def test_another_province_has_no_such_certificate(case: Case) -> None:
    with pytest.raises(Missing):
        propose(case, actor("province_admin", "110000"))
    made = propose(case, actor("province_admin", "410000"))
    with acting(actor("province_admin", "110000"), LATER), pytest.raises(Missing):
        measures.confirm(made.id)


def test_nobody_ends_a_certificate_of_their_own(case: Case) -> None:
    who = replace(actor("province_admin", "410000"), person_id=case.worker.id)
    with pytest.raises(Forbidden) as refused:
        propose(case, who)
    assert refused.value.code == "own_certificate"


# What has to be said


@pytest.mark.parametrize(
    "values", [{"reason_code": "own_wish"}, {"reason_code": None}, {"note": " "}, {"note": "骗"}]
)
def test_a_measure_has_a_coded_reason_of_its_own_and_a_note(
    case: Case, values: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        propose(case, actor("province_admin", "410000"), "revoke", **values)
    assert set(refused.value.errors) == set(values)


def test_no_reason_belongs_to_two_measures() -> None:
    codes = [code for reasons in REASONS_OF.values() for code in reasons]
    assert len(codes) == len(set(codes))
    assert REASONS_OF.keys() == MEASURES.keys()


@pytest.mark.parametrize("act", MEASURES)
def test_the_holder_is_told_and_the_reason_is_on_record(case: Case, act: str) -> None:
    rename(case)
    first = held(case)
    carried_out(case, act)
    message = every(Message)[-1]
    assert first.number in message.body
    (event,) = [one for one in events_of(first) if one.verb == act]
    assert (event.from_state, event.to_state) == ("valid", ENDED[act])
    assert (event.reason_code, event.reason) == (REASON[act], NOTE)


def test_what_is_over_is_not_ended_again(case: Case) -> None:
    carried_out(case, "revoke")
    with pytest.raises(Conflict) as refused:
        propose(case, actor("province_admin", "410000"), "cancel")
    assert refused.value.code == "over"


def test_a_measure_on_a_certificate_that_was_replaced_meanwhile_cannot_be_confirmed(
    case: Case,
) -> None:
    made = propose(case, actor("province_admin", "410000"))
    with as_system("a test arranges") as session:
        session.execute(update(Certificate).values(state="replaced"))
        session.commit()
    with acting(actor("province_reviewer", "410000"), LATER):
        with pytest.raises(Conflict):
            measures.confirm(made.id)
        measures.decline(made.id)


@pytest.mark.slow
def test_two_who_confirm_at_once_carry_it_out_once(app: Flask, case: Case) -> None:
    rename(case)
    made = propose(case, actor("province_admin", "410000"), "reissue")
    both = [actor("province_reviewer", "410000") for _one in range(2)]

    key = made.id

    def confirming(who: Actor) -> Callable[[], Any]:
        return lambda: confirmed(who, key)

    answers = race(app, *map(confirming, both))
    assert sorted(answers) == ["carried out", "too late"]
    assert len(every(Certificate, worker_id=case.worker.id)) == 2


def confirmed(who: Actor, key: int) -> str:
    with acting(who, LATER):
        try:
            measures.confirm(key)
        except Conflict:
            return "too late"
    return "carried out"


# Made anew


def test_a_change_of_name_gives_a_new_certificate_with_the_same_validity(case: Case) -> None:
    rename(case)
    old = held(case)
    carried_out(case, "reissue")
    first, new = every(Certificate, worker_id=case.worker.id)
    assert (first.state, first.name, first.end_reason) == ("replaced", "欧阳静怡", "name_changed")
    assert (new.name, new.state, new.predecessor_id) == ("欧阳静", "valid", old.id)
    assert (new.valid_from, new.valid_until) == (old.valid_from, old.valid_until)
    assert (new.issued_on, new.registration_id) == (date(2020, 8, 2), old.registration_id)
    assert new.number != old.number
    with clock.frozen(LATER):
        answer = public_status(old.number)
        assert answer.standing == "replaced"
        assert answer.successor is not None
        assert answer.successor.reason.zh == "换发"
        assert public_status(new.number).standing == "valid"


def test_nothing_is_made_anew_that_would_say_the_same(case: Case) -> None:
    with pytest.raises(Refusal) as refused:
        propose(case, actor("province_admin", "410000"), "reissue")
    assert refused.value.code == "unchanged"


def test_a_new_name_that_cannot_be_printed_is_refused_with_its_character(case: Case) -> None:
    rename(case, "欧阳𠮷")
    with pytest.raises(Refusal) as refused:
        propose(case, actor("province_admin", "410000"), "reissue")
    assert "𠮷" in str(refused.value.sentence)


# Lost


def test_bj_48_the_holder_reports_a_certificate_lost_and_it_is_void_at_once(capital: Case) -> None:
    number = held(capital).number
    with acting(capital.applicant, ON):
        holders.report_lost(number)
        assert public_status(number).standing == "lost"
        with pytest.raises(Conflict):
            holders.report_lost(number)
    assert "遗失" in every(Message)[-1].title
    assert [one.verb for one in events_of(held(capital))] == ["lose"]


def test_nobody_reports_the_certificate_of_another_lost(capital: Case) -> None:
    number = held(capital).number
    other = issued(approved("110105", name="李明"))
    with acting(other.applicant, ON), pytest.raises(Missing):
        holders.report_lost(number)
    for role in ("county_admin", "county_reviewer"):
        with acting(actor(role, "110105"), ON), pytest.raises(Forbidden):
            holders.report_lost(number)
    assert held(capital).state == "valid"


def test_x_12_bj_48_a_replacement_takes_the_place_of_the_lost_one_and_keeps_its_validity(
    app: Flask,
) -> None:
    case = issued(approved("110105", name="欧阳静怡"))
    old = held(case)
    with acting(case.applicant, ON):
        holders.report_lost(old.number)
    form = {**case.application.form, "replacement_case": "lost"}
    again = approved(
        "110105", case=case, kind="replacement", form=form, decided_at=clock.parse(LATER)
    )
    issued(submitted(again, LATER), LATER)
    new = held(case)
    assert (new.predecessor_id, new.valid_until) == (old.id, old.valid_until)
    assert (stored(Certificate, old.id).state, new.state) == ("lost", "valid")
    assert new.number != old.number


def test_a_lost_certificate_can_still_be_revoked(capital: Case) -> None:
    with acting(capital.applicant, ON):
        holders.report_lost(held(capital).number)
    carried_out(capital, "revoke")
    assert held(capital).state == "revoked"


def test_nobody_gives_up_a_certificate_where_no_replacement_is_to_be_had(case: Case) -> None:
    with acting(case.applicant, ON), pytest.raises(Conflict) as refused:
        holders.report_lost(held(case).number)
    assert refused.value.code == "no_replacement"
    assert held(case).state == "valid"


# A copy for one purpose, and the line of certificates


def test_an_annotated_copy_is_on_record_with_its_purpose(case: Case) -> None:
    with acting(case.applicant, ON):
        pdf = holders.annotated_copy(held(case).number, {"purpose": "应聘花园路社区"})
    assert "仅供应聘花园路社区使用2020-08-01" in whole_text(pdf)
    (event,) = [one for one in events_of(held(case)) if one.verb == "annotate"]
    assert (event.reason, event.actor_id) == ("应聘花园路社区", case.applicant.account_id)
    for other in (actor("county_admin", "410105"), factories.applicant()):
        with acting(other, ON), pytest.raises((Forbidden, Missing)):
            holders.annotated_copy(held(case).number, {"purpose": "应聘"})


def test_a_copy_of_one_that_is_over_says_both(case: Case) -> None:
    carried_out(case, "revoke")
    with acting(case.applicant, LATER):
        text = whole_text(holders.annotated_copy(held(case).number, {"purpose": "存档"}))
    assert "已撤销" in text
    assert "仅供存档使用" in text


@pytest.mark.slow
def test_the_line_leads_from_the_first_certificate_to_the_last_whichever_is_asked(
    case: Case,
) -> None:
    first = held(case)
    for name in ("欧阳静", "欧阳小静"):
        rename(case, name)
        carried_out(case, "reissue")
    with acting(case.applicant, LATER):
        for one in every(Certificate, worker_id=case.worker.id):
            line = lineage(one)
            assert [row.name for row in line] == ["欧阳静怡", "欧阳静", "欧阳小静"]
            assert line[0].id == first.id
        pdf = certificate_pdf(certificates.facts_of(database.session(), held(case)))
    second = every(Certificate, worker_id=case.worker.id)[1]
    assert f"本证书代替编号为{second.number}的登记证书" in whole_text(pdf)


# Where one's certificate is shown


@pytest.mark.parametrize("shown", ["first", "renewal"])
def test_mc_29_a_certificate_from_an_exchange_is_shown_under_the_kind_that_is_registered(
    app: Flask, shown: str
) -> None:
    who = person("410105")
    days = {"registered_on": date(2018, 3, 1), "valid_until": date(2021, 2, 28)}
    registration(who, 2018, kind=shown, legacy_number="00012345", **days)
    issued(submitted(approved("410105", case=who, kind="exchange"), ON), ON)
    with acting(who.applicant, ON):
        (kind,) = own.certificates_by_kind(own.holdings())
        text = whole_text(certificate_pdf(certificates.facts_of(database.session(), held(who))))
    assert kind == shown
    assert "原证书00012345（纸质）已于2020-08-01更换为本电子证书" in text


def test_mc_20_x_17_only_what_is_issued_is_shown_under_its_kind(app: Flask) -> None:
    case = approved("410105")
    with acting(case.applicant, ON):
        assert own.certificates_by_kind(own.holdings()) == {}
    issued(case)
    with acting(case.applicant, ON):
        assert {kind: row.id for kind, row in own.certificates_by_kind(own.holdings()).items()} == {
            "first": held(case).id
        }


def test_cd_43_the_one_in_force_comes_before_newer_ones_that_are_over(case: Case) -> None:
    rename(case)
    carried_out(case, "reissue")
    with acting(case.applicant, LATER):
        assert [one.certificate.state for one in own.holdings()] == ["valid", "replaced"]
    with as_system("a test arranges") as session:
        states = {"valid": "revoked", "replaced": "valid"}
        for row in session.scalars(select(Certificate).order_by(Certificate.state.desc())):
            row.state = states[row.state]
            session.flush()
        session.commit()
    with acting(case.applicant, LATER):
        assert [one.certificate.state for one in own.holdings()] == ["valid", "revoked"]
        assert own.holdings()[0].certificate.id < own.holdings()[1].certificate.id


# A number that two people give


def test_mc_31_a_number_on_record_of_somebody_else_is_flagged_wherever_that_is(app: Flask) -> None:
    mine, other = person("410105"), person("110105")
    row = registration(mine, 2018, legacy_number="00012345")
    same = registration(mine, 2021, legacy_number="00012345")
    with acting(actor("county_reviewer", "410105"), ON):
        assert shared_numbers([row, same]) == set()
        registration(other, 2017, legacy_number="00012345")
        registration(other, 2018, legacy_number="12345")
        assert shared_numbers([row, same]) == {"00012345"}

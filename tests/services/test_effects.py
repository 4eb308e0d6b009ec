"""What an approval of each kind brings about: rows of the register, the certificate, its way.

Beijing counts calendar years and ends validity on 31 May; the national policy goes by the day.
"""

from datetime import date
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from app import clock
from app.rules.workflow import State
from app.services import certificates, renderings
from models.application import Application
from models.certificate import Certificate, Delivery
from models.event import Event
from models.message import Message
from models.registration import Registration
from tests.documents.reading import whole_text
from tests.services.approved import POSTED, Case, approved, person, registration, submitted
from tests.services.faults import Killed, killed_at
from tests.support import factories
from tests.support.factories import every

pytestmark = pytest.mark.usefixtures("db")

ON = "2020-07-15T10:00"
DAY = date(2020, 7, 15)
POSTED_NEVER = {**POSTED, "replacement_case": "never_registered"}
POSTED_LOST = {**POSTED, "replacement_case": "lost"}


def settle(kind: str, who: Case, **facts: Any) -> Certificate:
    """Issue an approved case of a kind for somebody, handed in on the day of the approval."""
    region = who.worker.region_code
    case = submitted(approved(region, case=who, kind=kind, **facts), ON)
    with clock.frozen(ON):
        return certificates.issue(case.application.id)


def rows_of(who: Case) -> list[tuple[str, int, date | None, date | None]]:
    """Kind, turn and validity of everything that is on record of somebody."""
    found = every(Registration, worker_id=who.worker.id)
    return [(row.kind, row.cycle_year, row.registered_on, row.valid_until) for row in found]


def held_by(who: Case) -> list[Certificate]:
    """All certificates of somebody, the oldest first."""
    return every(Certificate, worker_id=who.worker.id)


G1 = {
    2017: ([("renewal", 2020, 2023)], 2023),
    2016: ([("late_renewal", 2019, 2022)], 2022),
    2015: ([("late_renewal", 2018, 2021)], 2021),
    2014: ([("late_renewal", 2017, 2020), ("renewal", 2020, 2023)], 2023),
    2013: ([("late_renewal", 2016, 2019), ("late_renewal", 2019, 2022)], 2022),
    2011: (
        [("late_renewal", 2014, 2017), ("late_renewal", 2017, 2020), ("renewal", 2020, 2023)],
        2023,
    ),
}


@pytest.mark.parametrize(("last", "expected"), G1.items())
def test_x_13_every_turn_that_is_settled_is_a_row_and_validity_follows_the_schedule(
    last: int, expected: tuple[list[tuple[str, int, int]], int]
) -> None:
    """G1: BJ-44, and X-01 for the year in which the next turn is due."""
    who, (turns, due) = person(), expected
    registration(who, last)
    issued = settle("renewal" if last == 2017 else "late_renewal", who)
    assert rows_of(who)[1:] == [
        (kind, turn, DAY, date(until, 5, 31)) for kind, turn, until in turns
    ]
    assert (issued.valid_from, issued.valid_until) == (DAY, date(due, 5, 31))
    assert issued.registration_id == every(Registration, worker_id=who.worker.id)[-1].id


def test_bj_18_a_renewal_gives_another_three_years_and_is_due_in_the_third() -> None:
    who = person()
    registration(who, 2017, valid_until=date(2020, 5, 31))
    settle("renewal", who)
    assert rows_of(who)[-1] == ("renewal", 2020, DAY, date(2023, 5, 31))


def test_x_13_a_turn_missed_for_longer_than_its_validity_was_never_in_force() -> None:
    who = person()
    registration(who, 2014)
    settle("late_renewal", who)
    _, missed, now = every(Registration, worker_id=who.worker.id)
    assert (missed.valid_from, missed.valid_until) == (None, date(2020, 5, 31))
    assert (now.valid_from, now.valid_until) == (DAY, date(2023, 5, 31))


def test_hn_36_a_first_registration_begins_on_the_day_of_the_approval() -> None:
    who = person("410105")
    settle("first", who)
    assert rows_of(who) == [("first", 2020, DAY, date(2023, 7, 15))]


def test_x_01_the_turns_are_those_of_the_day_of_the_submission() -> None:
    who = person()
    registration(who, 2017)
    case = approved(case=who, kind="renewal", decided_at=clock.parse("2021-01-04T09:00"))
    submitted(case, "2020-12-30T09:00")
    with clock.frozen("2021-01-04T09:00"):
        issued = certificates.issue(case.application.id)
    assert rows_of(who)[-1] == ("renewal", 2020, date(2021, 1, 4), date(2023, 5, 31))
    assert issued.valid_from == date(2021, 1, 4)


def test_bj_22_what_the_applicant_said_of_earlier_registrations_is_verified() -> None:
    who = person()
    registration(who, 2014, state="claimed")
    registration(who, 2017, kind="renewal", state="claimed")
    settle("renewal", who)
    assert {row.state for row in every(Registration, worker_id=who.worker.id)} == {"verified"}
    subjects = [event.subject for event in every(Event, verb="verify")]
    assert len(subjects) == 2
    assert all(subject.startswith("registration:") for subject in subjects)


def test_x_48_a_replacement_for_the_never_registered_is_a_first_registration() -> None:
    who = person()
    issued = settle("replacement", who, form=POSTED_NEVER)
    assert rows_of(who) == [("first", 2020, DAY, date(2023, 5, 31))]
    assert issued.valid_until == date(2023, 5, 31)


def test_x_12_a_replacement_of_a_lost_one_keeps_register_and_validity() -> None:
    who = person()
    old = settle("first", who)
    before = rows_of(who)
    new = settle("replacement", who, form=POSTED_LOST)
    assert rows_of(who) == before
    assert new.number != old.number
    assert (new.valid_from, new.valid_until) == (old.valid_from, old.valid_until)
    assert new.registration_id == old.registration_id
    assert [one.state for one in held_by(who)] == ["lost", "valid"]
    assert new.predecessor_id == old.id


def test_bj_48_a_lost_certificate_from_elsewhere_is_replaced_with_its_validity() -> None:
    who = person()
    registration(who, 2018, registered_on=date(2018, 7, 2), valid_until=date(2021, 5, 31))
    new = settle("replacement", who, form=POSTED_LOST)
    assert (new.valid_from, new.valid_until) == (date(2018, 7, 2), date(2021, 5, 31))
    assert (len(rows_of(who)), new.predecessor_id) == (1, None)


def test_x_12_of_a_paper_certificate_with_its_year_alone_the_fixed_day_tells_the_rest() -> None:
    who = person()
    registration(who, 2018)
    new = settle("replacement", who, form=POSTED_LOST)
    assert (new.valid_from, new.valid_until) == (date(2018, 5, 31), date(2021, 5, 31))


def test_x_12_who_renews_with_a_lost_certificate_leaves_a_lost_one_behind() -> None:
    who = person()
    registration(who, 2017)
    settle("renewal", who)
    for row in every(Registration, worker_id=who.worker.id)[1:]:
        with factories.changing(row) as stored:
            stored.cycle_year = 2018
    with factories.changing(held_by(who)[0]) as held:
        held.valid_until = date(2020, 5, 31)
    new = settle("renewal", who, form={"delivery": "electronic", "certificate_lost": "yes"})
    assert [one.state for one in held_by(who)] == ["lost", "valid"]
    assert new.predecessor_id == held_by(who)[0].id
    assert [event.subject for event in every(Event, verb="lose")]


def test_h_one_that_was_lost_before_stays_lost_and_links_what_took_its_place() -> None:
    who = person()
    old = settle("first", who)
    with factories.changing(old) as stored:
        stored.state = "lost"
    new = settle("replacement", who, form=POSTED_LOST)
    assert [one.state for one in held_by(who)] == ["lost", "valid"]
    assert new.predecessor_id == old.id
    assert every(Event, verb="lose") == []


def test_a_chain_of_certificates_has_one_in_force() -> None:
    who = person()
    chain = [settle("first", who, form=POSTED_NEVER)]
    chain += [settle("replacement", who, form=POSTED_LOST) for _ in range(2)]
    assert [one.predecessor_id for one in chain] == [None, chain[0].id, chain[1].id]
    assert [one.state for one in held_by(who)] == ["lost", "lost", "valid"]


def test_x_46_a_renewal_is_electronic_and_a_replacement_is_posted() -> None:
    who, other = person(), person()
    registration(who, 2017)
    settle("renewal", who, form={"delivery": "electronic"})
    assert every(Delivery) == []
    settle("replacement", other, form=POSTED_NEVER)
    (delivery,) = every(Delivery)
    assert (delivery.worker_id, delivery.method) == (other.worker.id, "post")


def test_bj_52_the_holder_is_told_of_which_kind_and_until_when() -> None:
    who = person()
    registration(who, 2017)
    settle("renewal", who)
    (message,) = every(Message)
    assert "再登记" in message.body
    assert "2023年5月31日" in message.body


def test_bj_52_the_certificate_shows_the_whole_history_up_to_its_registration() -> None:
    who = person()
    registration(who, 2014)
    registration(who, 2017, kind="renewal", registered_on=date(2017, 7, 3))
    issued = settle("renewal", who)
    with factories.acting(who.applicant, ON):
        text = whole_text(renderings.download(issued.number))
    for shown in ("首登记", "2014", "再登记", "2017-07-03", "2020-07-15", "2023-05-31"):
        assert shown in text


@pytest.mark.parametrize("kind", ["renewal", "replacement"])
@pytest.mark.slow
def test_a_kill_at_any_step_of_any_kind_leaves_all_or_nothing(kind: str, db: SQLAlchemy) -> None:
    who = person()
    settle("first", who)
    form = POSTED_LOST if kind == "replacement" else {"delivery": "electronic"}
    case = submitted(approved(case=who, kind=kind, form=form), ON)
    before, step, done = len(rows_of(who)), 0, False
    while not done:
        step += 1
        try:
            with killed_at(db, step), clock.frozen(ON):
                certificates.issue(case.application.id)
            done = True
        except Killed:
            assert [one.state for one in held_by(who)] == ["valid"], step
            assert len(rows_of(who)) == before, step
    assert [one.state for one in held_by(who)] == [
        "lost" if kind == "replacement" else "replaced",
        "valid",
    ]
    assert factories.stored(Application, case.application.id).state == State.issued


def test_hn_37_a_renewal_by_the_day_begins_on_the_day_of_the_approval() -> None:
    who = person("410105")
    registration(who, 2017, registered_on=date(2017, 9, 1), valid_until=date(2020, 8, 31))
    issued = settle("renewal", who)
    assert rows_of(who)[-1] == ("renewal", 2020, DAY, date(2023, 7, 15))
    assert (issued.valid_from, issued.valid_until) == (DAY, date(2023, 7, 15))


@pytest.mark.parametrize("shown", ["first", "renewal"])
def test_x_47_an_exchange_changes_neither_register_nor_validity(shown: str) -> None:
    who = person("410105")
    kept = {"registered_on": date(2018, 3, 1), "valid_until": date(2021, 2, 28)}
    claimed = registration(who, 2018, kind=shown, state="claimed", legacy_number="00012345", **kept)
    issued = settle("exchange", who)
    assert (issued.valid_from, issued.valid_until) == (date(2018, 3, 1), date(2021, 2, 28))
    assert issued.registration_id == claimed.id
    (row,) = every(Registration, worker_id=who.worker.id)
    assert (row.state, row.legacy_number, row.application_id) == ("verified", "00012345", None)


def test_x_29_an_early_renewal_loses_none_of_the_validity_that_there_is() -> None:
    """Chengdu: 80 days before the last day, the next three years begin on the day after it."""
    who = person("510107", policy_code="chengdu")
    registration(who, 2017, registered_on=date(2017, 10, 3), valid_until=date(2020, 10, 3))
    issued = settle("renewal", who, policy_code="chengdu")
    row = every(Registration, worker_id=who.worker.id)[-1]
    assert (row.registered_on, row.valid_from) == (DAY, date(2020, 10, 4))
    assert row.valid_until == issued.valid_until == date(2023, 10, 3)
    assert issued.valid_from == DAY


def test_x_29_a_late_renewal_begins_with_its_approval() -> None:
    who = person("510107", policy_code="chengdu")
    registration(who, 2016, registered_on=date(2016, 10, 3), valid_until=date(2019, 10, 3))
    issued = settle("renewal", who, policy_code="chengdu")
    assert rows_of(who)[-1] == ("renewal", 2019, DAY, date(2023, 7, 15))
    assert issued.valid_from == DAY


def test_x_17_a_completion_gives_a_verified_registration_its_certificate() -> None:
    who = person("510107", policy_code="chengdu")
    row = registration(who, 2018, registered_on=date(2018, 8, 1), valid_until=date(2021, 8, 1))
    issued = settle("completion", who, policy_code="chengdu")
    assert (issued.registration_id, issued.valid_until) == (row.id, date(2021, 8, 1))
    assert len(rows_of(who)) == 1


def test_the_certificate_is_that_of_the_level_that_is_registered() -> None:
    """A higher qualification that came since is no level of the register yet (X-25)."""
    who = person("410105")
    kept = {"registered_on": date(2018, 3, 1), "valid_until": date(2021, 2, 28)}
    registration(who, 2018, level="assistant", **kept)
    lower = factories.qualification(who.worker, level="assistant", exam_year=2017)
    issued = settle("exchange", who)
    assert (issued.level, issued.management_number) == ("assistant", lower.management_number)


def test_guangdong_settles_the_turn_that_ran_out_and_asks_no_proof() -> None:
    who = person("440103", policy_code="guangdong")
    registration(who, 2016, registered_on=date(2016, 8, 1), valid_until=date(2019, 12, 31))
    settle("renewal", who, policy_code="guangdong")
    assert rows_of(who)[-1] == ("renewal", 2019, DAY, date(2023, 12, 31))

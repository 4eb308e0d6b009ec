"""Moving: a worker with a case under way stays, and whoever gets a case gets all of it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db as database
from app.queries import cases as desk
from app.scope import Actor, as_system
from app.services import applications, materials, records
from app.services.refusals import Conflict
from models.application import Application, Decision, Material, Submission
from models.certificate import Certificate, Delivery
from models.event import Event
from models.message import Consent
from models.registration import Registration
from models.worker import Worker
from tests.services.approved import approved
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import acting, stored
from tests.support.race import race

pytestmark = pytest.mark.usefixtures("db")

HERE, THERE = "410105", "410106"
PAPERS: tuple[Any, ...] = (Submission, Material, Decision, Consent)
ISSUED: tuple[Any, ...] = (Registration, Certificate, Delivery)


def every(model: Any, **by: Any) -> list[Any]:
    with as_system("a test looks") as session:
        return list(session.scalars(select(model).filter_by(**by).order_by(model.id)))


def seen(who: Actor, *models: Any) -> list[int]:
    """How many rows of each model somebody sees."""
    with acting(who):
        return [len(database.session.scalars(select(model)).all()) for model in models]


def office(region_code: str) -> Actor:
    return factories.actor("county_reviewer", region_code)


def move(worker_id: int, to: str, by: Actor | None = None) -> None:
    with acting(by or factories.actor("province_admin", f"{to[:2]}0000")):
        records.update(Worker, worker_id, {"region_code": to})


# An administrator's move


@pytest.mark.parametrize("state", ["in_review", "returned", "approved"])
def test_a_worker_with_a_case_under_way_stays_where_it_is_decided(state: str) -> None:
    if state == "approved":
        made = approved(HERE).application
    else:
        made = case(region_code=HERE, submitted=True, returned=state == "returned")
    assert made.state == state

    with pytest.raises(Conflict) as refused:
        move(made.worker_id, THERE)

    assert refused.value.code == "in_flight"
    assert stored(Worker, made.worker_id).region_code == HERE
    assert stored(Application, made.id).region_code == HERE
    assert every(Event, subject=f"worker:{made.worker_id}") == []


def test_the_rest_of_a_worker_with_a_case_under_way_can_be_corrected() -> None:
    made = case(region_code=HERE, submitted=True)
    with acting(factories.actor("province_admin", "410000")):
        records.update(Worker, made.worker_id, {"name": "欧阳静宜", "region_code": HERE})
    assert stored(Worker, made.worker_id).name == "欧阳静宜"


@pytest.mark.slow
def test_x_37_after_the_result_the_new_office_gets_the_whole_case_and_the_old_keeps_nothing() -> (
    None
):
    finished = case(region_code="110105", approved=True)
    assert finished.state == "issued"
    models = (Application, *PAPERS, *ISSUED)
    before = seen(office("110105"), *models)
    assert all(before)

    move(finished.worker_id, "110106")

    assert seen(office("110106"), *models) == before
    assert seen(office("110105"), *models) == [0] * len(models)
    assert {row.region_code for model in models for row in every(model)} == {"110106"}
    # the region of the day is on record all the same
    submitted = every(Event, subject=f"application:{finished.id}", verb="submit")
    assert [event.region_code for event in submitted] == ["110105"]


def test_a_move_changes_nothing_of_a_paper_but_its_region() -> None:
    finished = case(region_code="110105", approved=True)
    kept = {model: [_content(row) for row in every(model)] for model in PAPERS}
    move(finished.worker_id, "110106")
    assert {model: [_content(row) for row in every(model)] for model in PAPERS} == kept


def _content(row: Any) -> dict[str, Any]:
    moves = {"region_code", "province_code", "city_code", "version"}
    return {c.key: getattr(row, c.key) for c in row.__table__.c if c.key not in moves}


def test_what_can_still_be_taken_up_stays_with_its_papers_where_it_applies_to() -> None:
    rejected = case(region_code=HERE, rejected=True)
    move(rejected.worker_id, THERE)
    papers = [stored(Application, rejected.id), *(row for m in PAPERS for row in every(m))]
    assert {row.region_code for row in papers} == {HERE}


def test_a_move_and_a_submission_at_once_never_part_a_case_from_its_worker(app: Flask) -> None:
    who = factories.applicant(region_code=HERE)
    draft = case(who, region_code=HERE)
    admin = factories.actor("province_admin", "410000")

    def submit() -> None:
        with acting(who):
            applications.submit(draft.id, agreed=["truth"])

    race(app, submit, lambda: move(draft.worker_id, THERE, admin))

    made = stored(Application, draft.id)
    assert made.state == "in_review"
    assert stored(Worker, draft.worker_id).region_code == made.region_code == HERE


# A submission to another region


@pytest.mark.slow
def test_what_is_submitted_to_another_region_lies_there_with_all_its_papers() -> None:
    who = factories.applicant(region_code=HERE)
    rejected = case(who, region_code=HERE, rejected=True)
    with acting(who):
        applications.start("first", "430102")
        applications.submit(rejected.id, agreed=["truth"])

    assert seen(office("430102"), *PAPERS) == [len(every(model)) for model in PAPERS]
    assert seen(office(HERE), *PAPERS) == [0, 0, 0, 0]
    assert [row.turn for row in every(Submission)] == [1, 2]
    assert [row.turn for row in every(Consent)] == [1, 2]
    with acting(office("430102")):
        found = desk.case(rejected.id)
        assert found is not None
        for picture in found.pictures:
            assert materials.material_bytes(picture.id)[0]
    assert [decision.office_code for decision in found.decisions] == [HERE]


def test_a_draft_takes_its_pictures_along_and_back_again() -> None:
    who = factories.applicant(region_code=HERE)
    draft = case(who, region_code=HERE)
    for target in (THERE, HERE):
        with acting(who):
            applications.start("first", target)
        assert {row.region_code for row in every(Material)} == {target}
    with acting(who):
        applications.submit(draft.id, agreed=["truth"])
    assert {row.region_code for model in PAPERS for row in every(model)} == {HERE}

"""A case keeps the window that it was submitted in; what the public sees takes two to change."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db as database
from app.queries.policies import policy_for, policy_of_case
from app.queries.published import notice
from app.rules.kinds import WindowFact
from app.scope import Actor
from app.services import applications, publications, records
from app.services.refusals import Conflict, Forbidden
from models.application import Application
from models.publication import Notice, Window
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import IN_WINDOW, acting, stored

pytestmark = pytest.mark.usefixtures("db")

REGION = "110000"


@pytest.fixture
def pair(db: Any) -> tuple[Actor, Actor]:
    """Two administrators of one office."""
    return factories.actor("province_admin", REGION), factories.actor("province_admin", REGION)


def window_of(made: Application) -> WindowFact:
    """The window by which the case is judged now."""
    (window,) = policy_of_case(stored(Application, made.id)).windows
    return window


def rewrite(made: Application, pair: tuple[Actor, Actor]) -> None:
    """Take the case's window back, change everything in it and publish it again."""
    one, other = pair
    key = made.window_id
    assert key is not None
    changed = {
        "title": "别的批次",
        "opens_on": date(2020, 7, 5),
        "closes_on": date(2020, 8, 31),
    }
    with acting(one):
        publications.retract(Window, key)
    with acting(other):
        publications.confirm_retraction(Window, key)
    with acting(one):
        records.update(Window, key, changed)
    with factories.changing(stored(Window, key)) as row:
        row.overrides = {}
    with acting(one):
        publications.propose(Window, key)
    with acting(other):
        publications.confirm(Window, key)


def test_ba_25_what_was_submitted_keeps_its_window_when_that_is_edited(
    pair: tuple[Actor, Actor],
) -> None:
    made = case(submitted=True)
    before = window_of(made)
    assert before.overrides != {}
    rewrite(made, pair)
    assert window_of(made) == before
    kind = policy_of_case(stored(Application, made.id)).kind_on("first", date(2020, 7, 10))
    assert kind.delivery == ("post",)


def test_a_draft_follows_the_window_as_it_is_published_now(pair: tuple[Actor, Actor]) -> None:
    who = factories.applicant()
    draft = case(who)
    rewrite(draft, pair)
    assert window_of(draft).closes_on == date(2020, 8, 31)
    with acting(who):
        applications.submit(draft.id, agreed=["truth"])
    assert window_of(draft).closes_on == date(2020, 8, 31)


def test_a_draft_has_no_window_once_that_is_taken_back(pair: tuple[Actor, Actor]) -> None:
    draft = case()
    assert draft.window_id is not None
    with acting(pair[0]):
        publications.retract(Window, draft.window_id)
    with acting(pair[1]):
        publications.confirm_retraction(Window, draft.window_id)
    assert policy_of_case(stored(Application, draft.id)).windows == ()


# Taking back


def published(pair: tuple[Actor, Actor]) -> int:
    row = factories.keep(
        Notice(
            region_code=REGION,
            title="公告",
            issuer="省民政厅",
            issued_on=date(2020, 6, 1),
            body="正文",
            state="draft",
        )
    )
    with acting(pair[0]):
        publications.propose(Notice, row.id)
    with acting(pair[1]):
        publications.confirm(Notice, row.id)
    return row.id


def test_what_is_published_stays_public_until_a_second_person_agrees(
    pair: tuple[Actor, Actor],
) -> None:
    key = published(pair)
    for who in pair:  # neither of the two who published it can take it back alone
        with acting(who):
            publications.retract(Notice, key)
            with pytest.raises(Forbidden) as refused:
                publications.confirm_retraction(Notice, key)
            assert refused.value.code == "second_person"
            assert notice(key, "110105") is not None
            with pytest.raises(Conflict):
                records.update(Notice, key, {"title": "别的"})
            publications.keep(Notice, key)
        assert (stored(Notice, key).state, stored(Notice, key).proposed_by) == ("published", None)

    with acting(pair[0]):
        publications.retract(Notice, key)
    with acting(pair[1]):
        publications.confirm_retraction(Notice, key)
    row = stored(Notice, key)
    assert (row.state, row.proposed_by, row.published_at) == ("draft", None, None)
    assert notice(key, "110105") is None


def test_offices_below_read_what_is_only_to_be_taken_back(pair: tuple[Actor, Actor]) -> None:
    key = published(pair)
    with acting(pair[0]):
        publications.retract(Notice, key)
    with acting(factories.actor("county_admin", "110105")):
        assert database.session.scalars(select(Notice.id).where(Notice.id == key)).all() == [key]


def test_a_window_that_is_only_to_be_taken_back_still_takes_applications(
    pair: tuple[Actor, Actor],
) -> None:
    who = factories.applicant()
    draft = case(who)
    assert draft.window_id is not None
    with acting(pair[0]):
        publications.retract(Window, draft.window_id)
    day = date.fromisoformat(IN_WINDOW[:10])
    assert policy_for("110105", day).is_open("first", day)
    with acting(who):
        assert applications.submit(draft.id, agreed=["truth"]).state == "in_review"


def test_a_proposal_is_dropped_by_one_person_and_never_as_a_retraction(
    pair: tuple[Actor, Actor],
) -> None:
    key = factories.keep(
        Notice(
            region_code=REGION,
            title="公告",
            issuer="省民政厅",
            issued_on=date(2020, 6, 1),
            body="正文",
            state="draft",
        )
    ).id
    with acting(pair[0]):
        publications.propose(Notice, key)
    for verb in (publications.confirm_retraction, publications.keep):
        with acting(pair[1]), pytest.raises(Conflict):
            verb(Notice, key)
    with acting(pair[0]):
        publications.retract(Notice, key)
    assert stored(Notice, key).state == "draft"

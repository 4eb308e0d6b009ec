"""Publishing takes two: one proposes, another confirms, and only a draft can be changed."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.queries.policies import policy_for
from app.scope import Actor, acting_as, as_system
from app.services import publications, records
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.event import Event
from models.publication import Contact, Document, Notice, Window
from tests.support import factories

pytestmark = pytest.mark.usefixtures("db")

NOTICE = {"title": "公告", "issuer": "省民政厅", "issued_on": date(2021, 5, 1), "body": "正文"}
WINDOW = {
    "title": "2021年首次登记",
    "policy_code": "beijing",
    "kinds": ["first"],
    "opens_on": date(2021, 7, 1),
    "closes_on": date(2021, 7, 31),
    "overrides": {},
}
DRAFTS: dict[Any, dict[str, Any]] = {
    Notice: NOTICE,
    Window: WINDOW,
    Document: {"title": "办法", "issued_on": date(2021, 5, 1), "body": "正文"},
    Contact: {"title": "社工协会", "position": 1},
}


def draft(model: Any, region_code: str = "110000", **facts: Any) -> int:
    """The key of a draft of an office."""
    row = factories.keep(model(region_code=region_code, **{**DRAFTS[model], **facts}))
    key: int = row.id
    return key


@pytest.fixture
def pair(app: Flask) -> tuple[Actor, Actor]:
    """Two administrators of one office."""
    with app.app_context():
        one, other = (factories.actor("province_admin", "110000") for _ in range(2))
    return one, other


@pytest.mark.parametrize("model", DRAFTS)
def test_what_one_proposes_a_second_person_confirms(model: Any, pair: tuple[Actor, Actor]) -> None:
    one, other = pair
    key = draft(model)
    with factories.acting(one, "2021-05-01T09:00"):
        publications.propose(model, key)
        assert factories.stored(model, key).state == "proposed"
        with pytest.raises(Forbidden) as refused:
            publications.confirm(model, key)
    assert refused.value.code == "second_person"
    assert factories.stored(model, key).state == "proposed"
    with factories.acting(other, "2021-05-02T09:00"):
        publications.confirm(model, key)
    row = factories.stored(model, key)
    assert (row.state, row.proposed_by) == ("published", one.account_id)
    if model in (Notice, Document):
        assert row.published_at == clock.parse("2021-05-02T09:00")


def test_every_step_is_on_record_with_who_took_it(pair: tuple[Actor, Actor]) -> None:
    one, other = pair
    key = draft(Notice)
    steps = ("propose", "confirm", "retract", "confirm_retraction")
    for who, step in zip((one, other, one, other), steps, strict=True):
        with acting_as(who):
            getattr(publications, step)(Notice, key)
    with as_system("a test looks") as session:
        acts = session.scalars(
            select(Event).where(Event.subject == f"notice:{key}").order_by(Event.seq)
        ).all()
    assert [(act.verb, act.from_state, act.to_state, act.actor_id) for act in acts] == [
        ("propose", "draft", "proposed", one.account_id),
        ("confirm", "proposed", "published", other.account_id),
        ("retract", "published", "retracting", one.account_id),
        ("confirm_retraction", "retracting", "draft", other.account_id),
    ]


def test_nothing_is_published_without_a_proposal_and_nothing_twice(
    pair: tuple[Actor, Actor],
) -> None:
    one, other = pair
    key = draft(Notice)
    with acting_as(other), pytest.raises(Conflict):
        publications.confirm(Notice, key)
    with acting_as(one):
        publications.propose(Notice, key)
        with pytest.raises(Conflict):
            publications.propose(Notice, key)
    with acting_as(other):
        publications.confirm(Notice, key)
        with pytest.raises(Conflict):
            publications.confirm(Notice, key)


def test_taking_back_starts_over_and_forgets_who_proposed(pair: tuple[Actor, Actor]) -> None:
    one, other = pair
    key = draft(Notice)
    for who, step in ((one, "propose"), (one, "retract"), (other, "propose")):
        with acting_as(who):
            getattr(publications, step)(Notice, key)
    with acting_as(other), pytest.raises(Forbidden):
        publications.confirm(Notice, key)
    with acting_as(one):
        publications.confirm(Notice, key)
    assert factories.stored(Notice, key).state == "published"


def test_only_a_draft_can_be_changed() -> None:
    for state, changeable in (("draft", True), ("proposed", False), ("published", False)):
        row = factories.stored(Notice, draft(Notice, state=state))
        if changeable:
            publications.refuse_unless_draft(row)
        else:
            with pytest.raises(Conflict):
                publications.refuse_unless_draft(row)
    publications.refuse_unless_draft(factories.worker("110105"))


def test_an_office_publishes_its_own_and_what_lies_below_never_what_lies_above(
    pair: tuple[Actor, Actor],
) -> None:
    of_the_nation = draft(Notice, "000000", state="published")
    of_another = draft(Notice, "410000")
    with acting_as(pair[0]):
        with pytest.raises(Forbidden):
            publications.retract(Notice, of_the_nation)  # it reads it, and that is all
        with pytest.raises(Missing):
            publications.propose(Notice, of_another)
    assert factories.stored(Notice, of_the_nation).state == "published"
    assert factories.stored(Notice, of_another).state == "draft"


@pytest.mark.parametrize("role", ["body_reviewer", "auditor", "applicant"])
def test_publishing_is_for_administrators(role: str) -> None:
    key = draft(Notice)
    who = factories.applicant() if role == "applicant" else factories.actor(role, "110000")
    with acting_as(who), pytest.raises(Forbidden):
        publications.propose(Notice, key)
    assert factories.stored(Notice, key).state == "draft"


@pytest.mark.parametrize(
    ("day", "late"), [("2021-06-30", False), ("2021-07-01", True), ("2021-07-02", True)]
)
def test_ba_30_an_announcement_of_a_window_that_is_open_already_is_warned_of(
    pair: tuple[Actor, Actor], day: str, late: bool
) -> None:
    window = draft(Window, state="published")
    key = draft(Notice, window_id=window)
    with factories.acting(pair[0], f"{day}T09:00"):
        proposing = publications.propose(Notice, key)
    with factories.acting(pair[1], f"{day}T10:00"):
        confirming = publications.confirm(Notice, key)
    assert bool(proposing) == bool(confirming) == late
    assert factories.stored(Notice, key).state == "published"
    if late:
        assert "2021年7月1日" in confirming[0].zh
        assert "1 July 2021" in confirming[0].en


def test_ba_30_a_window_without_an_announcement_is_warned_of(pair: tuple[Actor, Actor]) -> None:
    key = draft(Window)
    with factories.acting(pair[0], "2021-05-01T09:00"):
        (warning,) = publications.propose(Window, key)
    assert "尚无已发布的公告" in warning.zh
    factories.keep(Notice(region_code="110000", window_id=key, state="published", **NOTICE))
    with factories.acting(pair[1], "2021-05-02T09:00"):
        assert publications.confirm(Window, key) == ()


def test_a_confirmed_window_opens_its_kind_and_a_retracted_one_does_not(
    pair: tuple[Actor, Actor],
) -> None:
    key, inside = draft(Window), date(2021, 7, 1)
    assert not policy_for("110105", inside).is_open("first", inside)
    for who, step, opened in (
        (pair[0], "propose", False),
        (pair[1], "confirm", True),
        (pair[0], "retract", True),
        (pair[1], "confirm_retraction", False),
    ):
        with acting_as(who):
            getattr(publications, step)(Window, key)
        assert policy_for("110105", inside).is_open("first", inside) is opened, step


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"kinds": ["first", "exchange"]}, "kinds"),
        ({"kinds": ["no_such_kind"]}, "kinds"),
        ({"overrides": {"delivery": ["pigeon"]}}, "delivery"),
        ({"overrides": {"waive": ["no_such_rule"]}}, "waive"),
        (
            {"concentrated_from": date(2021, 6, 1), "concentrated_to": date(2021, 7, 5)},
            "concentrated_from",
        ),
        ({"opens_on": date(1999, 7, 1)}, "opens_on"),
    ],
)
def test_a_window_that_contradicts_its_policy_is_never_proposed(
    pair: tuple[Actor, Actor], facts: dict[str, Any], wrong: str
) -> None:
    key = draft(Window, **facts)
    with acting_as(pair[0]), pytest.raises(Invalid) as refused:
        publications.propose(Window, key)
    assert wrong in refused.value.errors
    assert factories.stored(Window, key).state == "draft"


@pytest.mark.parametrize(
    ("region", "days", "kinds", "refused"),
    [
        ("110000", (date(2021, 7, 31), date(2021, 8, 9)), ["first"], True),
        ("110105", (date(2021, 7, 10), date(2021, 7, 12)), ["first", "renewal"], True),
        ("110000", (date(2021, 8, 1), date(2021, 8, 9)), ["first"], False),
        ("110000", (date(2021, 7, 1), date(2021, 7, 31)), ["renewal"], False),
    ],
)
def test_a_window_beside_another_one_for_the_same_people_names_that_one(
    pair: tuple[Actor, Actor],
    region: str,
    days: tuple[date, date],
    kinds: list[str],
    refused: bool,
) -> None:
    """Issue 3, 6: overlapping windows of one kind, policy and path of regions."""
    draft(Window, state="published")
    key = draft(Window, region, kinds=kinds, opens_on=days[0], closes_on=days[1])
    with acting_as(pair[0]):
        if not refused:
            publications.propose(Window, key)
            return
        with pytest.raises(Invalid) as fault:
            publications.propose(Window, key)
    said = fault.value.errors["opens_on"]
    assert "2021年首次登记" in said.zh
    assert "首登记" in said.zh


def test_the_window_of_one_county_does_not_stand_in_the_way_of_another(
    pair: tuple[Actor, Actor],
) -> None:
    draft(Window, "110106", state="published")
    key = draft(Window, "110105")
    with acting_as(pair[0]):
        publications.propose(Window, key)


def test_what_came_between_proposal_and_confirmation_is_seen(pair: tuple[Actor, Actor]) -> None:
    keys = [draft(Window) for _ in range(2)]
    with acting_as(pair[0]):
        for key in keys:
            publications.propose(Window, key)
    with acting_as(pair[1]):
        publications.confirm(Window, keys[0])
        with pytest.raises(Invalid):
            publications.confirm(Window, keys[1])


def test_a_window_follows_the_policy_of_its_region_and_first_day(pair: tuple[Actor, Actor]) -> None:
    days = {"opens_on": "2021-07-01", "closes_on": "2021-07-31"}
    typed = {"title": "2021年", "kinds": ["first"], "region_code": "110105", **days}
    with acting_as(pair[0]):
        row: Any = records.create(Window, typed)
        assert row.policy_code == "beijing"
        with pytest.raises(Invalid) as refused:
            records.create(Window, {**typed, "opens_on": "1999-07-01", "closes_on": "1999-07-02"})
    assert "opens_on" in refused.value.errors


def test_ba_25_an_office_says_itself_what_differs_in_its_window(pair: tuple[Actor, Actor]) -> None:
    key = draft(Window)
    changes = {"delivery": ["post"], "levels": ["assistant"], "exam_year": 2019, "waive": []}
    with acting_as(pair[0]):
        records.update(Window, key, changes)
    row = factories.stored(Window, key)
    said = {"delivery": ["post"], "levels": ["assistant"], "exam_year": 2019}
    assert (row.overrides, row.waive) == (said, None)
    with acting_as(pair[0]), pytest.raises(Invalid) as refused:
        records.update(Window, key, {"delivery": ["pigeon"]})
    assert set(refused.value.errors) == {"delivery"}

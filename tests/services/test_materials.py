"""Materials: what a slot accepts, what becomes of the picture before, and who sees them."""

from typing import Any

import pytest
from sqlalchemy import select

from app.scope import as_system
from app.services import applications, materials
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.application import Application, Material
from tests.support import factories
from tests.support.cases import case, decide, picture
from tests.support.factories import acting, stored

pytestmark = pytest.mark.usefixtures("db")


def rows_of(application_id: int) -> list[Material]:
    with as_system("a test looks") as session:
        query = select(Material).where(Material.application_id == application_id)
        return list(session.scalars(query.order_by(Material.id)))


def test_a_picture_is_stored_by_content_and_comes_back_clean() -> None:
    with acting(factories.applicant()):
        draft = applications.start("first")
        made = materials.attach(draft.id, "id_front", "C:\\照片\\正面.jpg", picture(640, 400))
        data, media_type = materials.material_bytes(made.id)
    assert (made.width, made.height, made.media_type) == (640, 400, "image/jpeg")
    assert (made.original_name, made.size, made.active) == ("正面.jpg", len(data), True)
    assert (data[:2], media_type) == (b"\xff\xd8", "image/jpeg")
    assert materials.store().exists(made.digest)


def test_bj_33_ba_16_a_second_picture_supersedes_the_first() -> None:
    with acting(factories.applicant()):
        draft = applications.start("first")
        first = materials.attach(draft.id, "id_front", "a.jpg", picture(color="red"))
        second = materials.attach(draft.id, "id_front", "b.jpg", picture(color="green"))
        slots = {s.slot.name: s for s in applications.form_of(draft).slots}
    assert [(row.id, row.active) for row in rows_of(draft.id)] == [
        (first.id, False),
        (second.id, True),
    ]
    current = slots["id_front"].material
    assert current is not None
    assert current.id == second.id


@pytest.mark.parametrize(
    ("slot", "data", "code"),
    [
        ("portrait", picture(200, 200), "portrait_shape"),
        ("portrait", picture(413, 800), "portrait_shape"),
        ("id_front", picture()[:400], "damaged"),
        ("id_front", b"%PDF-1.7 not a picture", "not_a_picture"),
        ("id_front", picture() + b"\0" * 1_048_576, "too_large"),
    ],
)
def test_bj_27_bj_56_a_refused_file_names_the_rule_and_changes_nothing(
    slot: str, data: bytes, code: str
) -> None:
    with acting(factories.applicant()):
        draft = applications.start("first")
        applications.save(draft.id, {"major": "社会学"})
        kept = materials.attach(draft.id, slot, "good.jpg", picture())
        version = stored(Application, draft.id).version
        with pytest.raises(Invalid) as refused:
            materials.attach(draft.id, slot, "bad.jpg", data)
    assert refused.value.code == code
    assert refused.value.errors == {slot: refused.value.sentence}
    assert [(row.id, row.active) for row in rows_of(draft.id)] == [(kept.id, True)]
    after = stored(Application, draft.id)
    assert (after.form["major"], after.version) == ("社会学", version)


def test_ba_07_x_06_the_limit_of_the_slot_is_the_last_byte_accepted() -> None:
    data = picture()
    fits = data + b"\0" * (1_048_576 - len(data))
    with acting(factories.applicant()):
        draft = applications.start("first")
        assert materials.attach(draft.id, "id_front", "a.jpg", fits).active
        with pytest.raises(Invalid) as refused:
            materials.attach(draft.id, "id_front", "a.jpg", fits + b"\0")
        assert "1,048,577" in refused.value.sentence.zh
        # the portrait has only the technical limit
        assert materials.attach(draft.id, "portrait", "a.jpg", fits + b"\0").active


def test_x_05_a_portrait_on_its_side_passes_with_a_remark_for_both() -> None:
    with acting(factories.applicant()):
        draft = applications.start("first")
        made = materials.attach(draft.id, "portrait", "a.jpg", picture(626, 413))
        larger = materials.attach(draft.id, "portrait", "b.jpg", picture(826, 1252))
    (warning,) = made.warnings
    assert "413" in warning["zh"]
    assert "413" in warning["en"]
    assert (larger.width, larger.height, larger.warnings) == (413, 626, [])


def test_a_slot_that_the_policy_does_not_have_is_missing() -> None:
    with acting(factories.applicant()):
        draft = applications.start("first")
        with pytest.raises(Missing) as refused:
            materials.attach(draft.id, "passport", "a.jpg", picture())
    assert refused.value.code == "no_such_slot"


def test_a_picture_can_be_taken_out_again_and_is_then_missing() -> None:
    who = factories.applicant()
    draft = case(who)
    with acting(who):
        materials.detach(draft.id, "id_back")
        with pytest.raises(Missing):
            materials.detach(draft.id, "id_back")
        with pytest.raises(Invalid) as refused:
            applications.submit(draft.id, agreed=["truth"])
    assert set(refused.value.errors) == {"id_back"}


@pytest.mark.parametrize("verb", ["attach", "detach"])
def test_ba_19_after_the_submission_no_picture_changes(verb: str) -> None:
    who = factories.applicant()
    made = case(who, submitted=True)
    before = [(row.id, row.active) for row in rows_of(made.id)]
    calls: dict[str, Any] = {
        "attach": lambda: materials.attach(made.id, "id_front", "a.jpg", picture(color="red")),
        "detach": lambda: materials.detach(made.id, "id_front"),
    }
    with acting(who), pytest.raises(Conflict) as refused:
        calls[verb]()
    assert "不可修改和撤回" in refused.value.sentence.zh
    assert [(row.id, row.active) for row in rows_of(made.id)] == before


def test_while_returned_only_named_slots_are_open() -> None:
    who = factories.applicant(region_code="410105")
    made = case(who, region_code="410105", submitted=True)
    decide(made.id, "return", items=("id_front",))
    with acting(who):
        assert materials.attach(made.id, "id_front", "a.jpg", picture(color="red")).active
        with pytest.raises(Conflict) as refused:
            materials.attach(made.id, "id_back", "a.jpg", picture(color="red"))
    assert refused.value.code == "not_named"


@pytest.mark.slow
def test_pictures_are_for_those_who_may_see_the_case() -> None:
    who = factories.applicant()
    made = case(who, submitted=True)
    key = rows_of(made.id)[0].id
    for role, region in (("body_reviewer", "110000"), ("county_reviewer", "110105")):
        with acting(factories.actor(role, region)):
            assert materials.material_bytes(key)[1] == "image/jpeg"
    strangers = [
        factories.applicant(),
        factories.actor("county_reviewer", "110106"),
        factories.actor("province_admin", "410000"),
    ]
    for stranger in strangers:
        with acting(stranger), pytest.raises(Missing):
            materials.material_bytes(key)
    for role in ("auditor", "organization"):
        with acting(factories.actor(role, "110000")), pytest.raises(Forbidden):
            materials.material_bytes(key)


def test_an_identity_card_says_who_looks_at_it_and_when() -> None:
    who = factories.applicant()
    made = case(who, submitted=True)
    keys = {row.slot: row.id for row in rows_of(made.id)}
    plain = {row.slot: materials.store().get(row.digest) for row in rows_of(made.id)}
    reviewer = factories.actor("body_reviewer", "110000")
    with acting(reviewer):
        seen = {slot: materials.material_bytes(key) for slot, key in keys.items()}
        mark = materials.mark_of(reviewer)
    assert {slot for slot in keys if seen[slot][0] != plain[slot]} == {"id_front", "id_back"}
    assert seen["id_front"][1] == "image/jpeg"
    assert mark.startswith("北京市 · 张三 · 20")
    with acting(who):
        assert all(materials.material_bytes(keys[slot])[0] == plain[slot] for slot in keys)


def test_pictures_stay_visible_with_a_case_that_has_moved() -> None:
    """A material lies where its case lies (docs/adr/0005)."""
    who = factories.applicant(region_code="110105")
    with acting(who):
        draft = applications.start("first", "110105")
        made = materials.attach(draft.id, "id_front", "a.jpg", picture())
        applications.start("first", "110106")
    assert stored(Material, made.id).region_code == "110106"
    with acting(factories.actor("county_reviewer", "110106")):
        assert materials.material_bytes(made.id)[0]
    with acting(factories.actor("county_reviewer", "110105")), pytest.raises(Missing):
        materials.material_bytes(made.id)


def test_nobody_attaches_to_another_s_draft() -> None:
    draft = case()
    with acting(factories.applicant()), pytest.raises(Missing):
        materials.attach(draft.id, "id_front", "a.jpg", picture(color="red"))
    with acting(factories.actor("body_reviewer", "110000")), pytest.raises(Forbidden):
        materials.attach(draft.id, "id_front", "a.jpg", picture(color="red"))

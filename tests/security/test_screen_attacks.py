"""Every way over the fence between two counties by the screens."""

import re
from typing import Any

import pytest

from app.security import PERMISSIONS
from models.credit import Credit
from models.publication import Notice
from tests.security.conftest import HERE, THERE, Scene, kept
from tests.security.fences import (
    CHANGE,
    HELD_BY_OTHERS,
    ON_SCREEN,
    Attack,
    Unscoped,
    assert_fenced,
    declaring,
)
from tests.support import estates, factories
from views.resource.declaration import Resource

ATTACKS: list[Attack] = []


def attack(tried: Attack) -> Attack:
    """List an attack."""
    ATTACKS.append(tried)
    return tried


def links_to(scene: Scene, resource: Resource, text: str) -> bool:
    return f'/{resource.name}/show/{scene.other.id(resource.name)}"' in text


def present_form(resource: Resource, row: Any) -> dict[str, Any]:
    """What the edit form of a row sends when nothing is changed."""
    values = {spec.name: getattr(row, spec.name, None) for spec in resource.fields}
    given = {n: value for n, value in values.items() if value is not None and value is not False}
    return {**given, "version": row.version}


@attack
def lists(scene: Scene) -> dict[str, bool]:
    pages = {r: scene.insider.get(f"/{r.name}/list/").text for r in ON_SCREEN}
    return {
        r.name: links_to(scene, r, text) or scene.other.mark in text for r, text in pages.items()
    }


@attack
def lists_filtered_by_the_other_county(scene: Scene) -> dict[str, bool]:
    asked = {r: f"/{r.name}/list/?region_code={THERE}" for r in ON_SCREEN}
    return {r.name: links_to(scene, r, scene.insider.get(url).text) for r, url in asked.items()}


@attack
def the_count_over_a_list(scene: Scene) -> dict[str, bool]:
    page = scene.insider.get("/workers/list/").text
    counted = re.search(r"Records: (\d+)", page)
    assert counted, page
    return {"workers": int(counted[1]) > 1}


@attack
def pages_of_rows(scene: Scene) -> dict[str, bool]:
    marks = dict.fromkeys(ON_SCREEN, scene.other.mark)
    marks |= {r: scene.other.rows["accounts"].username for r in ON_SCREEN if r.name == "accounts"}
    asked = {r: f"/{r.name}/show/{scene.other.id(r.name)}" for r in ON_SCREEN}
    return {r.name: marks[r] in scene.insider.get(url).text for r, url in asked.items()}


@attack
def edit_forms(scene: Scene) -> dict[str, bool]:
    asked = {r: f"/{r.name}/edit/{scene.other.id(r.name)}" for r in declaring("edit")}
    return {
        r.name: f'name="{CHANGE[r.name][0]}"' in scene.insider.get(url).text
        for r, url in asked.items()
    }


@attack
def edits(scene: Scene) -> dict[str, bool]:
    reached = {}
    for resource in declaring("edit"):
        key, (name, value) = scene.other.id(resource.name), CHANGE[resource.name]
        form = present_form(resource, kept(resource.model, key)) | {name: value}
        scene.insider.post(f"/{resource.name}/edit/{key}", **form)
        reached[resource.name] = str(getattr(kept(resource.model, key), name)) == value
    return reached


@attack
def removals(scene: Scene) -> dict[str, bool]:
    reached = {}
    for resource in declaring("remove"):
        key = scene.other.id(resource.name)
        row = kept(resource.model, key)
        assert row is not None
        answer = scene.insider.post(f"/{resource.name}/delete/{key}", version=str(row.version))
        held = resource.name in HELD_BY_OTHERS and answer.status_code == 409
        reached[resource.name] = held or kept(resource.model, key) is None
    return reached


@attack
def bulk_removals(scene: Scene) -> dict[str, bool]:
    reached = {}
    for resource in declaring("remove"):
        key = scene.other.id(resource.name)
        scene.insider.post(f"/{resource.name}/act", action="remove", ids=str(key))
        held = "depends on it" in scene.insider.get(f"/{resource.name}/list/").text
        reached[resource.name] = held or kept(resource.model, key) is None
    return reached


@attack
def bulk_verbs(scene: Scene) -> dict[str, bool]:
    reached = {}
    for name in ("notices", "documents", "contacts"):
        model, key = type(scene.other.rows[name]), scene.other.id(name)
        scene.insider.post(f"/{name}/act", action="propose", ids=str(key))
        reached[name] = getattr(kept(model, key), "state", None) == "proposed"
    return reached


@attack
def exports(scene: Scene) -> dict[str, bool]:
    exported = [r for r in ON_SCREEN if "export" in PERMISSIONS[r.name].split()]
    files = {r.name: scene.insider.get(f"/{r.name}/export.csv").text for r in exported}
    assert all(text.startswith("\ufeff") for text in files.values())
    known = (scene.other.mark, scene.other.rows["accounts"].username)
    return {name: any(one in text for one in known) for name, text in files.items()}


@attack
def lookups(scene: Scene) -> dict[str, bool]:
    account = scene.other.rows["accounts"].username
    asked = {"ab_user": account} | dict.fromkeys(
        ("worker", "organization", "registration_window", "qualification"), scene.other.mark
    )
    return {
        table: bool(scene.insider.get(f"/lookup/{table}?q={text}").get_json()["results"])
        for table, text in asked.items()
    }


@attack
def names_of_rows_that_are_pointed_at(scene: Scene) -> dict[str, bool]:
    """A row here may point there after a move; the name there stays there."""
    credit = Credit(title="x", taken_on=estates.DAY, hours=1, source="online")
    notice = Notice(title="x", issuer="x", issued_on=estates.DAY, body="x", state="draft")
    credit.region_code = notice.region_code = HERE
    credit.worker_id, notice.window_id = scene.other.id("workers"), scene.other.id("windows")
    shown = {
        "credits": factories.keep(credit).id,
        "notices": factories.keep(notice).id,
    }
    return {
        name: scene.other.mark in scene.insider.get(f"/{name}/show/{key}").text
        for name, key in shown.items()
    }


@attack
def rows_below_a_row(scene: Scene) -> dict[str, bool]:
    """The page of a worker lists the worker's rows, but not those that lie elsewhere."""
    title = f"{scene.other.mark}子"
    credit = Credit(title=title, taken_on=estates.DAY, hours=1, source="online")
    credit.region_code, credit.worker_id = THERE, scene.own.id("workers")
    factories.keep(credit)
    page = scene.insider.get(f"/workers/show/{scene.own.id('workers')}").text
    assert scene.own.mark in page
    return {"credits": title in page}


@attack
def files_and_pages_of_a_case(scene: Scene) -> dict[str, bool]:
    case, number = scene.other.id("applications"), scene.other.rows["certificates"].number
    asked = {
        f"/certificates/{number}.pdf": b"%PDF",
        f"/materials/{scene.other.id('materials')}": b"JFIF",
        f"/applications/{case}/form.pdf": b"%PDF",
        f"/review/{case}": scene.other.mark.encode(),
        f"/deliveries/send/{scene.other.id('deliveries')}": scene.other.mark.encode(),
    }
    return {url: mark in scene.insider.get(url).data for url, mark in asked.items()}


@attack
def identity_numbers(scene: Scene) -> dict[str, bool]:
    found = scene.insider.post("/workers/find", id_number=scene.other.number)
    page = scene.insider.get(found.headers["Location"]).text
    shown = scene.insider.post(
        f"/workers/reveal/{scene.other.id('workers')}", reason="curiosity killed the cat"
    ).text
    listed = scene.insider.ask(
        "workers/", filters=[{"col": "id_number", "opr": "eq", "value": scene.other.number}]
    )
    return {
        "find": f'/workers/show/{scene.other.id("workers")}"' in page,
        "reveal": scene.other.number in shown,
        "api": scene.other.id("workers") in listed.get_json()["ids"],
    }


@pytest.mark.parametrize("tried", ATTACKS, ids=lambda tried: tried.__name__)
def test_nothing_of_another_county_is_reached(
    tried: Attack, scene: Scene, unscoped: Unscoped
) -> None:
    assert_fenced(tried, scene, unscoped)

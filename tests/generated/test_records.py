"""One row on its screens: forms, refusals that keep what was typed, masks, many at once, files."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.rules import identifiers
from app.scope import as_system
from models.application import Application
from models.credit import Credit
from models.event import Event
from models.organization import Organization
from models.worker import Worker
from tests.generated.conftest import HERE
from tests.support import factories
from tests.support.estates import DAY, Estate
from tests.support.factories import stored
from tests.support.people import Person

SECRETS = {"phone": "13912345678", "email": "secret@example.com", "address": "长安街一号院三门"}


def events(subject: str) -> list[Event]:
    """What the log holds on a row."""
    with as_system("a test looks") as session:
        rows = list(session.scalars(select(Event).where(Event.subject == subject)))
        session.expunge_all()
    return rows


def form_of(worker: Worker, **changed: Any) -> dict[str, Any]:
    """The edit form of a worker as it was loaded, with these changes typed."""
    names = ("name", "id_type", "sex", "born_on", "phone", "email", "unit_name", "region_code")
    given = {name: getattr(worker, name) for name in names}
    shown = {name: value for name, value in given.items() if value is not None}
    return {**shown, "real_name": "true", "version": worker.version, **changed}


# Writing


def test_a_row_is_made_changed_and_removed_each_with_its_event(office: Person) -> None:
    made = office.post(
        "/organizations/add",
        name="新机构",
        kind="service",
        active="true",
        credit_code=factories.credit_code(),
        region_code=HERE,
    )
    key = int(made.headers["Location"].rpartition("/")[2])
    row = stored(Organization, key)
    assert (row.name, row.city_code, row.province_code) == ("新机构", "410100", "410000")
    office.post(
        f"/organizations/edit/{key}",
        name="改名",
        kind="service",
        version=row.version,
        credit_code=row.credit_code,
        region_code=HERE,
        active="true",
    )
    assert stored(Organization, key).name == "改名"
    office.post(f"/organizations/delete/{key}", version=stored(Organization, key).version)
    log = events(f"organization:{key}")
    assert [event.verb for event in log] == ["create", "update", "remove"]
    assert log[1].reason == "name", "the event names what changed, and not its value"
    assert log[2].reason == "改名"
    assert {event.actor_id for event in log} == {office.account.id}


def test_what_was_typed_survives_a_refusal(office: Person) -> None:
    answer = office.post(
        "/organizations/add", name="留着的字", kind="nothing", credit_code="X", region_code=HERE
    )
    assert answer.status_code == 422
    assert "留着的字" in answer.text
    assert "check character" in answer.text
    assert "Choose one of the entries." in answer.text
    with as_system("a test looks") as session:
        assert session.scalar(select(Organization.id)) is None


def test_a_number_that_is_taken_is_a_conflict_with_what_was_typed(office: Person) -> None:
    taken = factories.organization(HERE).credit_code
    answer = office.post(
        "/organizations/add", name="留着的字", kind="service", credit_code=taken, region_code=HERE
    )
    assert answer.status_code == 409
    assert "留着的字" in answer.text
    assert "already there" in answer.text


def test_a_row_that_somebody_changed_meanwhile_is_not_overwritten(office: Person) -> None:
    """Two people open one form: the second one to save reads a conflict, and loses nothing."""
    worker = factories.worker(HERE)
    first, second = form_of(worker, unit_name="第一"), form_of(worker, unit_name="第二")
    assert office.post(f"/workers/edit/{worker.id}", **first).status_code == 302
    answer = office.post(f"/workers/edit/{worker.id}", **second)
    assert answer.status_code == 409
    assert "第二" in answer.text
    assert "Somebody else" in answer.text
    assert stored(Worker, worker.id).unit_name == "第一"
    again = office.post(f"/workers/edit/{worker.id}", **second)
    assert again.status_code == 409, "the form still carries the version that it was loaded with"
    stale = office.send(
        "PUT", f"workers/{worker.id}", {"unit_name": "三", "version": worker.version}
    )
    assert (stale.status_code, stale.get_json()["code"]) == (409, "stale")
    removal = office.post(f"/workers/delete/{worker.id}", version=worker.version)
    assert removal.status_code == 409
    assert stored(Worker, worker.id).unit_name == "第一"


def test_an_identity_number_is_sealed_and_left_alone_when_left_empty(office: Person) -> None:
    number = factories.id_number()
    office.post(
        "/workers/add", name="王小红", id_type="id_card", id_number=number, region_code=HERE
    )
    with as_system("a test looks") as session:
        made = session.scalars(select(Worker)).one()
        session.expunge(made)
    assert made.id_number_masked == identifiers.mask_id_number(number)
    assert number.encode() not in made.id_number_cipher
    assert number not in made.id_number_digest
    office.post(f"/workers/edit/{made.id}", **form_of(made, name="王大红"))
    after = stored(Worker, made.id)
    assert after.name == "王大红"
    assert after.id_number_digest == made.id_number_digest


@pytest.mark.parametrize("number", ["110105199005175171", "12345", "11010519900230517X"])
def test_an_identity_number_with_a_wrong_check_digit_is_refused(
    number: str, office: Person
) -> None:
    answer = office.post(
        "/workers/add", name="王小红", id_type="id_card", id_number=number, region_code=HERE
    )
    assert answer.status_code == 422
    assert "check digit" in answer.text
    assert "王小红" in answer.text


def test_a_child_lies_where_its_parent_lies(office: Person) -> None:
    worker = factories.worker(HERE)
    body = {"title": "课", "taken_on": "2020-07-01", "hours": 1.5, "source": "online"}
    made = office.send("POST", "credits/", {**body, "state": "pending", "worker_id": worker.id})
    assert made.get_json()["result"]["region_code"] == HERE
    with_region = {**body, "state": "pending", "worker_id": worker.id, "region_code": HERE}
    refused = office.send("POST", "credits/", with_region)
    assert refused.get_json()["errors"].keys() == {"region_code"}


def test_a_reference_to_nothing_and_to_a_foreign_row_sound_the_same(office: Person) -> None:
    """Else a number after the other would tell which rows there are elsewhere."""
    worker, foreign = factories.worker(HERE), factories.organization("410102")
    told = []
    for key in (foreign.id, 999999):
        answer = office.send("PUT", f"workers/{worker.id}", {"organization_id": key})
        assert answer.status_code == 422
        told.append(answer.get_json()["errors"])
    assert told[0] == told[1]
    assert told[0].keys() == {"organization_id"}
    assert stored(Worker, worker.id).organization_id is None


# Masks


@pytest.fixture
def secret(office: Person) -> Iterator[Worker]:
    """A worker with something in every masked column."""
    yield factories.worker(HERE, **SECRETS)  # noqa: PT022


def test_masked_values_are_masked_on_every_exit(secret: Worker, clerk: Person) -> None:
    """List, page, form, API and export: the same mask everywhere, from the column itself."""
    texts = [
        clerk.get("/workers/list/").text,
        clerk.get(f"/workers/show/{secret.id}").text,
        clerk.get(f"/workers/edit/{secret.id}").text,
        clerk.ask(f"workers/{secret.id}").text,
        clerk.ask("workers/").text,
        clerk.get("/workers/export.csv").text,
    ]
    found = [
        (turn, name) for turn, text in enumerate(texts) for name in SECRETS if SECRETS[name] in text
    ]
    assert found == []
    assert "139****5678" in texts[1]
    assert clerk.ask(f"workers/{secret.id}").get_json()["result"]["phone"] == "139****5678"


def test_without_the_permission_a_masked_column_cannot_be_written(
    secret: Worker, clerk: Person
) -> None:
    """A mask typed back, or sent back by a program, would be stored."""
    for phone in ("139****5678", "13700000000"):
        body = {"phone": phone, "unit_name": "x"}
        answer = clerk.send("PUT", f"workers/{secret.id}", body)
        assert answer.status_code == 422
        assert answer.get_json()["errors"].keys() == {"phone"}
    clerk.post(f"/workers/edit/{secret.id}", **form_of(secret, phone="13700000000", unit_name="y"))
    row = stored(Worker, secret.id)
    assert {name: getattr(row, name) for name in SECRETS} == SECRETS
    assert row.unit_name == "y"


def test_a_form_without_masked_fields_leaves_them_alone(secret: Worker, clerk: Person) -> None:
    page = clerk.get(f"/workers/edit/{secret.id}").text
    assert not [name for name in SECRETS if f'name="{name}"' in page]
    given = {k: v for k, v in form_of(secret, name="改名").items() if k not in SECRETS}
    assert clerk.post(f"/workers/edit/{secret.id}", **given).status_code == 302
    row = stored(Worker, secret.id)
    assert row.name == "改名"
    assert {name: getattr(row, name) for name in SECRETS} == SECRETS


@pytest.mark.parametrize("name", SECRETS)
def test_a_masked_column_is_neither_filter_nor_order(name: str, office: Person) -> None:
    """Not even for those who may reveal: an order tells a number digit by digit."""
    asked = [{"col": name, "opr": "sw", "value": "1"}]
    assert office.ask("workers/", filters=asked).get_json()["code"] == "bad_query"
    assert office.ask("workers/", order_column=name).get_json()["code"] == "bad_query"
    assert office.get(f"/workers/list/?{name}=1").status_code == 400


@pytest.mark.parametrize("reason", ["", "abc", "   a   "])
def test_a_number_is_not_revealed_without_a_reason(reason: str, office: Person) -> None:
    number = factories.id_number()
    worker = factories.worker(HERE, number=number)
    answer = office.post(f"/workers/reveal/{worker.id}", reason=reason)
    assert number not in answer.text
    assert "why you need" in answer.text
    assert events(f"worker:{worker.id}") == []


def test_a_revealed_number_leaves_an_event_with_the_reason(office: Person) -> None:
    number = factories.id_number()
    worker = factories.worker(HERE, number=number)
    assert number not in office.get(f"/workers/reveal/{worker.id}").text
    assert number in office.post(f"/workers/reveal/{worker.id}", reason="核对纸质证书").text
    (event,) = events(f"worker:{worker.id}")
    assert (event.verb, event.reason, event.actor_id) == (
        "reveal",
        "核对纸质证书",
        office.account.id,
    )
    assert number not in f"{event.reason}{event.subject}{event.actor_role}"


def test_a_number_is_found_whole_and_never_stands_in_an_address(office: Person) -> None:
    number = factories.id_number()
    worker = factories.worker(HERE, number=number)
    found = office.post("/workers/find", id_number=number.lower())
    assert number not in found.headers["Location"]
    assert f"/workers/show/{worker.id}" in office.get(found.headers["Location"]).text
    half = office.post("/workers/find", id_number=number[:12])
    assert f"/workers/show/{worker.id}" not in office.get(half.headers["Location"]).text


# Many at once


def test_a_bulk_action_goes_on_past_a_refusal_and_names_it(office: Person) -> None:
    held = factories.worker(HERE)
    factories.qualification(held)
    free = [factories.worker(HERE) for _ in range(2)]
    keys = [str(free[0].id), str(held.id), "999999", "junk", "%C2%B2", str(free[1].id)]
    office.post("/workers/act", action="remove", ids=keys)
    page = office.get("/workers/list/").text
    assert "Remove: 2 done." in page
    assert f"{held.name}: " in page
    assert "999999: " in page
    with as_system("a test looks") as session:
        assert list(session.scalars(select(Worker.id))) == [held.id]


def test_a_bulk_action_on_nothing_or_of_nobody_does_nothing(office: Person, own: Estate) -> None:
    empty = office.post("/workers/act", action="remove", ids=[])
    assert empty.status_code == 302
    assert "Choose at least one record" in office.get(empty.headers["Location"]).text
    for action in ("approve", "switch_off", "__class__", ""):
        assert office.post("/applications/act", action=action, ids=["1"]).status_code == 403
    assert stored(Application, own.id("applications")).state == "in_review"


# Export


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠SUM"]


@pytest.mark.parametrize("title", FORMULAS)
@pytest.mark.database("sqlite")
def test_an_exported_text_is_never_run_by_a_spreadsheet(title: str, office: Person) -> None:
    worker = factories.worker(HERE)
    credit = Credit(title=title, taken_on=DAY, hours=1, source="online", provider="平常")
    credit.worker_id, credit.region_code = worker.id, HERE
    factories.keep(credit)
    row = read_csv(office.get("/credits/export.csv").text)[0]
    assert row["Course"] == f"'{title}"
    assert row["Provider"] == "平常"


def read_csv(text: str) -> list[dict[str, str]]:
    """The rows of an exported file by the heads of its columns."""
    assert text.startswith("\ufeff"), "without the mark a spreadsheet reads Chinese as Latin"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_an_export_holds_the_rows_of_the_filter_and_of_the_scope(office: Person) -> None:
    for region_code, name in ((HERE, "王甲"), (HERE, "李乙"), ("410102", "王丙")):
        factories.worker(region_code, name=name)
    answer = office.get("/workers/export.csv?name=王")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [row["Name"] for row in read_csv(answer.text)] == ["王甲"]
    assert len(read_csv(office.get("/workers/export.csv").text)) == 2


def test_an_export_goes_on_past_one_page_of_the_database(office: Person) -> None:
    """Rows are read five hundred at a time; none is lost or told twice at the seam."""
    worker = factories.worker(HERE)
    made = []
    for turn in range(1203):
        credit = Credit(title=f"课{turn}", taken_on=DAY, hours=1, source="online")
        credit.worker_id, credit.region_code = worker.id, HERE
        made.append(credit)
    with as_system("a test makes what it needs") as session, session.begin():
        session.add_all(made)
    titles = [
        row["Course"] for row in read_csv(office.get("/credits/export.csv?order=taken_on").text)
    ]
    assert len(titles) == len(set(titles)) == 1203


def test_the_heads_of_an_export_speak_the_language_of_the_page(office: Person) -> None:
    factories.worker(HERE)
    with office.browser.session_transaction() as session:
        session["locale"] = "zh_Hans_CN"
    head = office.get("/workers/export.csv").text.splitlines()[0]
    assert re.search("[\u4e00-\u9fff]", head)

"""我的数据: a copy of it, corrections, consents, and who has looked."""

import io
import json
import re
import zipfile

from flask import Flask

from app import clock
from app.queries.files import in_use
from app.scope import as_system
from app.services import outbox, own_data
from models.message import Message
from models.own_data import Correction, DataExport
from tests.support.cases import case, picture
from tests.support.factories import every, stored
from tests.views.people import Person, applicant, person, text

NATIONAL = "410105"


def copied(who: Person) -> zipfile.ZipFile:
    """The copy of somebody's data, asked for, made and fetched."""
    who.send("/my-data/exports", {})
    outbox.run_due()
    row = every(DataExport, user_id=who.actor.account_id)[-1]
    answer = who.client.get(f"/my-data/exports/{row.id}.zip")
    assert answer.mimetype == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_the_copy_holds_all_of_ones_own_and_nothing_of_anybody_else(app: Flask) -> None:
    who, other = applicant(app, NATIONAL), applicant(app, NATIONAL)
    case(who.actor, region_code=NATIONAL, approved=True)
    case(other.actor, region_code=NATIONAL, submitted=True)
    archive = copied(who)
    named = set(archive.namelist())
    tables = {name.removeprefix("data/") for name in named if name.startswith("data/")}
    assert {"worker.json", "application.json", "submission.json", "consent.json"} <= tables
    assert {"certificate.json", "profile.json", "message.json", "ab_user.json"} <= tables
    worker = json.loads(archive.read("data/worker.json"))
    assert [row["id"] for row in worker] == [who.actor.worker_id]
    assert len(worker[0]["id_number"]) == 18
    for name in named:
        if name.startswith("data/") and name != "data/ab_user.json":
            rows = json.loads(archive.read(name))
            assert {row.get("worker_id", who.actor.worker_id) for row in rows} <= {
                who.actor.worker_id
            }, name
    decisions = json.loads(archive.read("data/decision.json"))
    assert all("decided_by" not in row and "reason" not in row for row in decisions)
    pictures = [name for name in named if name.startswith("files/materials/")]
    assert len(pictures) == 5
    assert archive.read(pictures[0])[:3] == picture()[:3]


def test_the_copy_is_fetched_by_its_owners_session_alone(app: Flask) -> None:
    who, other = applicant(app), applicant(app)
    copied(who)
    path = f"/my-data/exports/{every(DataExport)[0].id}.zip"
    assert other.client.get(path).status_code == 404
    assert app.test_client().get(path).status_code == 302
    token = {"Authorization": "Bearer x"}
    assert who.client.get(path, headers=token).status_code in (401, 403)
    answer = who.send("/my-data/exports", {})
    assert "已有一份副本" in who.page("/my-data/")
    assert answer.status_code == 302
    assert len(every(DataExport)) == 1


def test_after_three_days_the_copy_is_deleted(app: Flask) -> None:
    who = applicant(app)
    with clock.frozen("2020-07-10T09:00"):
        copied(who)
    row = every(DataExport)[0]
    with clock.frozen("2020-07-13T09:01"):
        assert who.client.get(f"/my-data/exports/{row.id}.zip").status_code == 404
        own_data.promise_today()
        own_data.promise_today()
        outbox.run_due()
        assert "已删除" in who.page("/my-data/")
    assert stored(DataExport, row.id).digest is None
    with as_system("a test looks") as session:
        assert in_use(session, [str(row.digest)]) == set()


def test_a_job_that_is_done_twice_makes_one_copy(app: Flask) -> None:
    who = applicant(app)
    copied(who)
    row = every(DataExport)[0]
    own_data.make_copy(row.id)
    assert stored(DataExport, row.id).version == row.version


def test_a_correction_goes_to_the_regions_administrator_and_comes_back_with_an_answer(
    app: Flask,
) -> None:
    who = applicant(app, NATIONAL)
    blank = who.send("/my-data/corrections", {"about": "person", "wanted": ""})
    assert blank.status_code == 422
    who.send("/my-data/corrections", {"about": "person", "wanted": "姓名应为王晓红"})
    row = every(Correction)[0]
    assert "待答复" in who.page("/my-data/")
    elsewhere = person(app, "county_admin", "110105")
    assert elsewhere.client.get(f"/corrections/{row.id}").status_code == 404
    assert "姓名应为" not in elsewhere.page("/corrections/")
    assert who.client.get("/corrections/").status_code == 403
    office = person(app, "county_admin", NATIONAL)
    assert "姓名应为王晓红" in office.page("/corrections/")
    path = f"/corrections/{row.id}"
    assert office.send(path, {"verdict": "corrected", "answer": ""}, seen=row).status_code == 422
    unseen = office.send(path, {"verdict": "corrected", "answer": "已更正，未看。"})
    assert (unseen.status_code, "已更正，未看。" in unseen.text) == (409, True)
    said = {"verdict": "corrected", "answer": "已按身份证更正。", "version": str(row.version)}
    assert office.send(path, said).status_code == 302
    assert stored(Correction, row.id).state == "corrected"
    assert "已按身份证更正" in who.page("/my-data/")
    assert "已按身份证更正" in who.page("/messages/")
    again = office.send(path, said)
    assert (again.status_code, "已经办结" in text(again)) == (409, True)


def test_the_answer_to_a_correction_is_in_the_language_that_people_are_written_to_in(
    app: Flask,
) -> None:
    """Whatever language the office reads the portal in."""
    who, office = applicant(app, NATIONAL), person(app, "county_admin", NATIONAL)
    who.send("/my-data/corrections", {"about": "person", "wanted": "姓名应为王晓红"})
    office.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    said = {"verdict": "corrected", "answer": "已按身份证更正。"}
    (row,) = every(Correction)
    assert office.send(f"/corrections/{row.id}", said, seen=row).status_code == 302
    (told,) = every(Message)
    assert not re.search("[A-Za-z]", told.title + told.body)


def test_consents_stand_with_text_version_time_and_address(app: Flask) -> None:
    who = applicant(app, NATIONAL)
    case(who.actor, region_code=NATIONAL, submitted=True)
    shown = who.page("/my-data/").split("我同意过的声明")[1]
    assert "社会工作者职业道德指引" in shown
    assert "2020-07-10 09:00 · 192.0.2.1 · national v1" in shown


def test_whoever_looked_at_number_or_papers_is_told_of(app: Flask) -> None:
    who, other = applicant(app, NATIONAL), applicant(app, NATIONAL)
    key = case(who.actor, region_code=NATIONAL, submitted=True).id
    assert "暂无" in who.page("/my-data/")
    office = person(app, "county_reviewer", NATIONAL)
    page = office.client.get(f"/review/{key}").text
    material = page.split("/materials/")[1].split('"')[0].split("?")[0]
    assert office.client.get(f"/materials/{material}").status_code == 200
    reason = {"reason": "核对身份证号"}
    office.send(f"/workers/reveal/{who.actor.worker_id}", reason)
    shown = who.page("/my-data/").split("谁查看过我的")[1]
    assert "郑州市金水区 · 县（区）审核员 · 张**" in shown
    assert "核对身份证号" in shown
    assert "张**" not in other.page("/my-data/")

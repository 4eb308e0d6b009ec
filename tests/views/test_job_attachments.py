"""Files on the pages: attached at the office, fetched by anybody as long as they are published."""

import io
from typing import Any

import pytest
from flask import Flask

from app.queries.attachments import of_rows
from app.services import publications
from models.publication import Document, Notice
from tests.conftest import new_client
from tests.services.test_publications import draft
from tests.support.cases import picture
from tests.support.factories import acting, stored
from tests.support.portal import Client
from tests.support.uploads import office, pdf
from tests.views.people import Person, applicant, person, text

PAGES = {Notice: ("notices", "notice"), Document: ("documents", "document")}


def send(who: Person, model: Any, key: int, *files: tuple[str, bytes]) -> Any:
    """Upload files on the page of a row."""
    given = {"files": [(io.BytesIO(data), name) for name, data in files]}
    return who.send(f"/{PAGES[model][0]}/attach/{key}", given)


def publish(model: Any, key: int, one: Person, other: Person) -> None:
    """Publish a draft by two people."""
    with acting(one.actor):
        publications.propose(model, key)
    with acting(other.actor):
        publications.confirm(model, key)


def take_back(model: Any, key: int, one: Person, other: Person) -> None:
    """Take back what is published, by two people."""
    with acting(one.actor):
        publications.retract(model, key)
    with acting(other.actor):
        publications.confirm_retraction(model, key)


def address(model: Any, key: int) -> str:
    """Where the public fetches the first file of a row."""
    return f"/{PAGES[model][1]}/{key}/file/{of_rows(model, [key])[key][0].id}"


@pytest.fixture
def pair(app: Flask) -> tuple[Person, Person]:
    """Two administrators of the association in Beijing."""
    one, other = (person(app, "province_admin", "110000") for _ in range(2))
    return one, other


@pytest.mark.parametrize("model", PAGES)
def test_hn_08_a_file_is_anybodys_from_publication_until_it_is_taken_back(
    model: Any, pair: tuple[Person, Person], client: Client
) -> None:
    key = draft(model)
    sent = send(pair[0], model, key, ("登记申请表.docx", office()), ("样表.pdf", pdf()))
    assert sent.status_code == 302
    url = address(model, key)
    assert client.get(url).status_code == 404
    publish(model, key, *pair)
    page = text(client.get(f"/{PAGES[model][1]}/{key}"))
    assert "登记申请表.docx Word文档 · 1 KB" in page
    assert "样表.pdf PDF · 1 KB" in page
    answer = client.get(url)
    assert answer.data == office()
    listed = {Notice: "/notices/", Document: "/documents/"}[model]
    assert "附件：2" in text(client.get(listed))
    take_back(model, key, *pair)
    assert client.get(url).status_code == 404


def test_a_file_is_served_so_that_nothing_in_it_acts_here(
    pair: tuple[Person, Person], client: Client
) -> None:
    key = draft(Notice)
    send(pair[0], Notice, key, ("登记 “申请表”.pdf", pdf()))
    publish(Notice, key, *pair)
    headers = client.get(address(Notice, key)).headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("attachment; filename")
    assert "filename*=UTF-8''%E7%99%BB%E8%AE%B0" in headers["Content-Disposition"]
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "private, no-store"


def test_a_file_answers_at_the_address_of_its_own_row_alone(
    pair: tuple[Person, Person], client: Client
) -> None:
    drafted, published = draft(Notice), draft(Notice)
    send(pair[0], Notice, drafted, ("a.pdf", pdf()))
    publish(Notice, published, *pair)
    number = address(Notice, drafted).rpartition("/")[2]
    for path in (f"/notice/{published}/file/{number}", f"/document/1/file/{number}"):
        assert client.get(path).status_code == 404


def test_each_refused_file_is_told_with_what_to_do_and_the_others_are_kept(
    pair: tuple[Person, Person],
) -> None:
    key = draft(Document)
    answer = send(
        pair[0],
        Document,
        key,
        ("表.pdf", b"<svg><script>alert(1)</script></svg>"),
        ("旧表.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("表.docx", office()),
        ("图.png", picture(kind="PNG")),
    )
    assert answer.status_code == 422
    shown = text(answer)
    assert "表.pdf：这种文件不能上传" in shown
    assert "旧表.doc：这是旧格式" in shown
    assert [one.name for one in of_rows(Document, [key])[key]] == ["表.docx", "图.png"]
    assert "script>alert" not in answer.text


def test_choosing_no_file_says_so(pair: tuple[Person, Person]) -> None:
    key = draft(Notice)
    assert send(pair[0], Notice, key).status_code == 302
    assert "请先选择文件" in pair[0].page(f"/notices/show/{key}")


def test_the_office_looks_before_it_is_published_and_no_other_one(
    app: Flask, pair: tuple[Person, Person]
) -> None:
    key = draft(Notice)
    send(pair[0], Notice, key, ("a.pdf", pdf()), ("b.docx", office()))
    first, second = (f"/notices/file/{key}/{one.id}" for one in of_rows(Notice, [key])[key])
    looked = pair[1].client.get(first)
    assert looked.headers["Content-Disposition"].startswith("inline")
    assert pair[1].client.get(second).headers["Content-Disposition"].startswith("attachment")
    elsewhere, worker = person(app, "province_admin", "410000"), applicant(app)
    for stranger in (elsewhere, worker):
        assert stranger.client.get(first).status_code == 404
        assert send(stranger, Notice, key, ("c.pdf", pdf("c"))).status_code in (403, 404)
    assert new_client(app).get(first).status_code == 302


def test_what_is_published_offers_no_change_of_its_files(pair: tuple[Person, Person]) -> None:
    key = draft(Notice)
    send(pair[0], Notice, key, ("a.pdf", pdf()))
    assert "移除“a.pdf”？" in pair[0].client.get(f"/notices/show/{key}").text
    publish(Notice, key, *pair)
    shown = pair[0].client.get(f"/notices/show/{key}").text
    assert "a.pdf" in shown
    assert 'type="file"' not in shown
    assert send(pair[0], Notice, key, ("b.pdf", pdf("b"))).status_code == 409
    file = of_rows(Notice, [key])[key][0].id
    assert pair[0].send(f"/notices/detach/{key}/{file}", {}).status_code == 409


def test_a_file_is_taken_out_on_the_page(pair: tuple[Person, Person]) -> None:
    key = draft(Notice)
    send(pair[0], Notice, key, ("a.pdf", pdf()))
    file = of_rows(Notice, [key])[key][0].id
    assert pair[0].send(f"/notices/detach/{key}/{file}", {}).status_code == 302
    assert "没有附件" in pair[0].page(f"/notices/show/{key}")


def test_an_office_below_reads_the_files_of_what_is_published_above(
    app: Flask, pair: tuple[Person, Person]
) -> None:
    key = draft(Notice)
    send(pair[0], Notice, key, ("a.pdf", pdf()))
    publish(Notice, key, *pair)
    below = person(app, "county_reviewer", "110105")
    assert "a.pdf" in below.page(f"/notices/show/{key}")
    file = of_rows(Notice, [key])[key][0].id
    assert below.client.get(f"/notices/file/{key}/{file}").status_code == 200


def test_cd_10_the_guide_to_a_kind_has_the_forms_to_download(
    pair: tuple[Person, Person], client: Client
) -> None:
    key = draft(Document, module="form", title="盖章表格")
    send(pair[0], Document, key, ("单位证明.docx", office()))
    assert "单位证明.docx" not in text(client.get("/guide/beijing/first"))
    publish(Document, key, *pair)
    guide = client.get("/guide/beijing/first")
    assert "单位证明.docx Word文档" in text(guide)
    assert address(Document, key) in guide.text
    assert "盖章表格" in text(client.get("/downloads/"))
    assert "盖章表格" not in text(client.get("/documents/"))
    assert 'href="/downloads/"' in client.get("/documents/").text


def test_a_contact_has_no_files_and_no_address_for_them(pair: tuple[Person, Person]) -> None:
    assert pair[0].send("/contacts/attach/1", {}).status_code == 404
    assert stored(Notice, draft(Notice)).state == "draft"

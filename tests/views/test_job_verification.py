"""查验 in front of everybody: the page, the answer for programs, lists, how often one may ask."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.rules import certificate as rules
from app.scope import as_system
from app.services import renderings
from models.certificate import Certificate
from tests.conftest import new_client
from tests.support.cases import case
from tests.support.portal import Client
from tests.views.people import text

UNKNOWN = rules.number("110000", 2020, "00000001")


def issued() -> Certificate:
    """The certificate of a new approved case."""
    made = case(approved=True)
    with as_system("a test looks") as session:
        return session.scalars(select(Certificate).filter_by(application_id=made.id)).one()


def become(state: str) -> None:
    """Take every certificate out of force, as an office does."""
    with as_system("a test arranges") as session, session.begin():
        session.execute(update(Certificate).values(state=state))


def upload(client: Client, data: bytes, **fields: Any) -> TestResponse:
    """Hand in a list as a browser does."""
    file = (io.BytesIO(data), "名单.csv")
    return client.submit("/verify/list/", {"file": file, **fields})


def status_of(client: Client, number: str) -> TestResponse:
    """What a program is told."""
    return client.get(f"/api/v1/certificates/{number}/status")


def test_anyone_checks_a_number_and_reads_no_more_than_needed(client: Client, app: Flask) -> None:
    certificate = issued()
    number = certificate.number
    shown = text(client.get(f"/verify/{number}"))
    assert "有效" in shown
    assert "王**" in shown
    assert certificate.name not in shown
    assert certificate.id_number_masked not in shown
    assert f"{number[:2]} {number[2:6]} {number[6:14]} {number[14:]}" in shown
    assert "2023-05-31" in shown
    assert "北京市民政局" in shown
    typed = f" {number[:6]} {number[6:]} "
    assert "有效" in text(client.get("/verify/", query_string={"number": typed}))


def test_an_unknown_and_a_mistyped_number_are_told_apart(client: Client) -> None:
    unknown = rules.number("110000", 2020, "00000001")
    assert "查无此证" in text(client.get(f"/verify/{unknown}"))
    wrong = unknown[:-1] + str((int(unknown[-1]) + 1) % 10)
    assert "编号有误" in text(client.get(f"/verify/{wrong}"))
    assert "编号有误" in text(client.get("/verify/110000199"))
    assert "<script>alert" not in client.get("/verify/?number=<script>alert(1)</script>").text
    assert "核验" in text(client.get("/verify/"))


def test_a_state_is_public_at_once_and_kept_by_nothing_on_the_way(client: Client) -> None:
    number = issued().number
    for state, word in (("valid", "有效"), ("revoked", "已撤销"), ("valid", "有效")):
        become(state)
        page, answer = client.get(f"/verify/{number}"), status_of(client, number)
        assert word in text(page)
        assert answer.get_json()["status"] == state
        assert page.headers["Cache-Control"] == answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in page.headers


def test_the_page_says_what_to_do_in_both_languages(client: Client) -> None:
    issued()
    shown = text(client.get(f"/verify/{UNKNOWN}"))
    assert "请与证书核对编号" in shown
    client.submit("/language", {"locale": "en"}, "/login/")
    shown = text(client.get(f"/verify/{UNKNOWN}"))
    assert "Compare the number with the certificate" in shown
    wrong = UNKNOWN[:-1] + str((int(UNKNOWN[-1]) + 1) % 10)
    assert "the last character doesn't fit" in text(client.get(f"/verify/{wrong}"))


def test_a_program_gets_the_state_the_masked_name_and_the_time(client: Client) -> None:
    certificate = issued()
    answer = status_of(client, certificate.number)
    body = answer.get_json()
    assert answer.status_code == 200
    assert (body["status"], body["in_force"], body["holder"]) == ("valid", True, "王**")
    assert body["as_of"].endswith("+08:00")
    assert (body["valid_until"], body["replaced_by"]) == ("2023-05-31", None)
    assert body["advice"]
    assert certificate.name not in answer.text
    assert certificate.id_number_masked not in answer.text
    assert certificate.management_number not in answer.text


def test_a_program_tells_unknown_from_mistyped_by_the_status_of_the_answer(client: Client) -> None:
    assert status_of(client, UNKNOWN).status_code == 404
    assert status_of(client, UNKNOWN).get_json()["status"] == "unknown"
    wrong = UNKNOWN[:-1] + str((int(UNKNOWN[-1]) + 1) % 10)
    assert status_of(client, wrong).status_code == 422
    assert status_of(client, "..").status_code == 422
    assert "CertificateStatus" in client.get("/api/v1/_openapi").text


def test_asking_is_limited_for_one_address(make_app: Callable[..., Flask]) -> None:
    client = new_client(make_app(PORTAL_RATE_LIMIT="on"))
    codes = [client.get("/verify/110000").status_code for _ in range(65)]
    assert codes[:60] == [200] * 60
    assert set(codes[60:]) == {429}
    told = text(client.get("/verify/110000"))
    assert "429" in told
    assert "有效" not in told
    assert status_of(client, "110000").get_json()["code"] == "too_many"


def test_trying_numbers_ends_soon_and_a_hit_is_then_refused_like_a_miss(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(PORTAL_RATE_LIMIT="on")
    with app.app_context():
        hit = issued().number
    client = new_client(app)
    tried = [rules.number("110000", 2020, f"{serial:08d}") for serial in range(40)]
    codes = [status_of(client, number).status_code for number in tried]
    assert codes[:30] == [404] * 30
    assert set(codes[30:]) == {429}
    assert status_of(client, hit).status_code == 429
    assert status_of(client, tried[0][:-1] + "x").status_code == 422  # nothing is looked up
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.get(f"/verify/{hit}", environ_base=elsewhere).status_code == 200


def test_whoever_changes_addresses_inside_one_line_is_counted_once(
    make_app: Callable[..., Flask],
) -> None:
    client = new_client(make_app(PORTAL_RATE_LIMIT="on"))
    codes = [
        client.get("/verify/110000", environ_base={"REMOTE_ADDR": f"2001:db8::{n:x}"}).status_code
        for n in range(62)
    ]
    assert codes[-1] == 429
    other = {"REMOTE_ADDR": "2001:db8:0:1::1"}
    assert client.get("/verify/110000", environ_base=other).status_code == 200


def test_an_employer_checks_a_list_and_takes_the_answers_home(client: Client) -> None:
    certificate = issued()
    number = certificate.number
    data = f"姓名,证书编号\n甲,{number}\n乙,{UNKNOWN}\n丙,123\n".encode("gb18030")
    shown = text(upload(client, data))
    for written in ("有效", "查无此证", "编号有误", "王**", "2023-05-31"):
        assert written in shown
    assert certificate.name not in shown
    saved = upload(client, data, **{"as": "csv"})
    assert saved.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in saved.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(saved.data.decode("utf-8-sig"))))
    assert len(rows) == 4
    assert rows[1][:4] == [
        f"{number[:2]} {number[2:6]} {number[6:14]} {number[14:]}",
        "有效",
        "是",
        "王**",
    ]
    assert rows[2][1:4] == ["查无此证", "否", ""]


def test_the_page_of_answers_asks_again_for_the_file(client: Client) -> None:
    number = issued().number
    answer = client.submit("/verify/list/", {"numbers": number})
    assert f'name="numbers" value="{number}"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "＝HYPERLINK(1)", "=cmd|' /C'!1"])
@pytest.mark.database("sqlite")
def test_what_a_spreadsheet_would_run_comes_back_as_text(client: Client, cell: str) -> None:
    saved = client.submit("/verify/list/", {"numbers": f'1\n"{cell}"', "as": "csv"})
    rows = list(csv.reader(io.StringIO(saved.data.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert all(not one.startswith(tuple("=+-@＝")) for row in rows for one in row)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04" + b"\0" * 1000, b"1\n" * 1_000_000, b"\xff\xfe\xff"],
    ids=["empty", "workbook", "a million lines", "no text"],
)
def test_a_list_that_is_none_is_refused_with_a_sentence(client: Client, data: bytes) -> None:
    answer = upload(client, data)
    assert answer.status_code == 422
    assert "没有核验" in answer.text


def test_a_file_of_3_mb_is_refused_and_more_than_a_form_is_not_even_received(
    client: Client,
) -> None:
    assert upload(client, b"1\n" * 1_500_000).status_code == 422
    assert upload(client, b"1\n" * 2_200_000).status_code == 413


def test_lists_are_limited_for_one_address(make_app: Callable[..., Flask]) -> None:
    client = new_client(make_app(PORTAL_RATE_LIMIT="on"))
    token = client.csrf_token("/verify/list/")
    data = {"csrf_token": token, "numbers": "1"}
    codes = [client.post("/verify/list/", data=data).status_code for _ in range(14)]
    assert codes[:12] == [200] * 12
    assert codes[12:] == [429, 429]


def test_unknown_numbers_in_lists_are_counted_by_the_day(make_app: Callable[..., Flask]) -> None:
    client = new_client(make_app(PORTAL_RATE_LIMIT="on"))
    numbers = "\n".join(rules.number("110000", 2020, f"{n:08d}") for n in range(400))
    data = {"csrf_token": client.csrf_token("/verify/list/"), "numbers": numbers}
    assert [client.post("/verify/list/", data=data).status_code for _ in range(3)] == [
        200,
        200,
        429,
    ]


def hand_in(client: Client, data: bytes) -> TestResponse:
    """Upload a PDF as a browser does."""
    return client.submit("/verify/file", {"file": (io.BytesIO(data), "证书.pdf")}, "/verify/")


def test_anyone_uploads_a_certificate_and_reads_what_it_is_worth(
    client: Client, app: Flask
) -> None:
    certificate = issued()
    data = app.extensions["files"].get(renderings.render(certificate.id))
    shown = text(hand_in(client, data))
    assert "文件真实，证书有效" in shown
    assert "王**" in shown
    assert certificate.name not in shown
    become("revoked")
    assert "文件真实，但证书已撤销" in text(hand_in(client, data))
    changed = text(hand_in(client, data.replace(b"%%EOF", b"%%E0F")))
    assert "文件被改动过" in changed
    assert "王**" not in changed


@pytest.mark.parametrize(
    ("data", "status", "word"),
    [
        (b"", 422, "请选择证书的PDF文件"),
        (b"%PDF-1.7" + b"0" * 5_000_000, 422, "文件过大"),
        (b"GIF89a", 200, "无法读取"),
    ],
    ids=["empty", "large", "another kind"],
)
def test_a_file_that_is_none_is_told_so_at_its_field(
    client: Client, data: bytes, status: int, word: str
) -> None:
    answer = hand_in(client, data)
    assert answer.status_code == status
    assert word in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_files_are_limited_for_one_address(make_app: Callable[..., Flask]) -> None:
    client = new_client(make_app(PORTAL_RATE_LIMIT="on"))
    data = {"csrf_token": client.csrf_token("/verify/")}
    codes = [client.post("/verify/file", data=data).status_code for _ in range(22)]
    assert codes[:20] == [422] * 20
    assert codes[20:] == [429, 429]

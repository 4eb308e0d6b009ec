"""Tables that offices take in: tried first, then kept row by row, and never twice."""

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from app.scope import Actor
from app.services import imports, sheets
from app.services.bilingual import both
from app.services.imports import Line
from app.services.refusals import Forbidden, Invalid
from models.credit import Credit
from models.event import Event
from models.organization import Organization
from models.qualification import Qualification
from models.registration import Registration
from models.worker import Worker
from tests.support import factories
from tests.support.factories import acting, actor, every

pytestmark = pytest.mark.usefixtures("db")

WORKERS = "姓名,证件类型,身份证号,性别,手机号码,地区\n"


def office(region_code: str = "410105", role: str = "county_admin") -> Actor:
    return actor(role, region_code)


def given(name: str, data: bytes | str, who: Actor | None = None, keep: bool = True) -> list[Line]:
    """What a file came to."""
    raw = data.encode() if isinstance(data, str) else data
    with acting(who or office()):
        rows = imports.few(imports.IMPORTED[name], sheets.table(raw))
        return (imports.take if keep else imports.trial)(name, rows)


def states(lines: list[Line]) -> list[str]:
    return [line.state for line in lines]


def person_line(name: str = "李雷", region: str = "410105", number: str | None = None) -> str:
    return f"{name},居民身份证,{number or factories.id_number()},,13800000001,{region}\n"


def test_hn_10_a_trial_says_what_would_become_of_each_row_and_keeps_nothing() -> None:
    known = factories.id_number()
    factories.worker("410105", number=known)
    file = WORKERS + person_line() + person_line(number=known) + person_line("", "410105")
    lines = given("workers", file, keep=False)
    assert states(lines) == ["new", "known", "refused"]
    assert [line.number for line in lines] == [2, 3, 4]
    assert [str(heading.zh) for heading, _said in lines[2].faults] == ["姓名"]
    assert len(every(Worker)) == 1
    assert every(Event) == []


def test_hn_10_what_is_sound_is_taken_in_and_the_rest_goes_on() -> None:
    file = WORKERS + person_line("李雷") + person_line("韩梅", number="1") + person_line("吉姆")
    assert states(given("workers", file)) == ["new", "refused", "new"]
    assert [row.name for row in every(Worker)] == ["李雷", "吉姆"]
    assert [one.verb for one in every(Event)] == ["create", "create"]
    kept = every(Worker)[0]
    assert kept.sex in ("male", "female"), "as the identity number says"
    assert kept.id_number_masked.count("*") == 8


def test_hn_10_a_file_given_again_changes_nothing() -> None:
    file = WORKERS + person_line("李雷") + person_line("韩梅")
    given("workers", file)
    assert states(given("workers", file)) == ["known", "known"]
    assert len(every(Worker)) == 2


def test_a_row_that_stands_twice_in_a_file_is_found_by_the_trial_too() -> None:
    line = person_line()
    assert states(given("workers", WORKERS + line + line, keep=False)) == ["new", "known"]


def test_hn_10_a_row_of_another_region_is_refused(db: Any) -> None:
    file = WORKERS + person_line(region="410102") + person_line(region="河南省郑州市金水区")
    for keep in (False, True):
        assert states(given("workers", file, keep=keep)) == ["refused", "new"]
    assert [row.region_code for row in every(Worker)] == ["410105"]


def test_hn_10_past_registrations_and_qualifications_go_to_their_person_by_number() -> None:
    number = factories.id_number()
    worker = factories.worker("410105", number=number)
    file = (
        "社会工作者身份证号,级别,考试通过年度,管理号,已核实\n"
        f"{number},社会工作师,2016,2016041010500001,是\n"
        f"{factories.id_number()},社会工作师,2016,2016041010500002,是\n"
    )
    lines = given("qualifications", file)
    assert states(lines) == ["new", "refused"]
    (held,) = every(Qualification)
    assert (held.worker_id, held.level, held.verified) == (worker.id, "social_worker", True)
    file = (
        "社会工作者身份证号,类型,登记年度,级别,状态,登记日期,有效期止,纸质证书编号\n"
        f"{number},首次登记,2017,社会工作师,已核实,2017年6月1日,2020/5/31,00001234\n"
        f"{number},首次登记,2017,社会工作师,已核实,2017.6.1,,\n"
    )
    assert states(given("registrations", file)) == ["new", "known"]
    (row,) = every(Registration)
    assert (row.registered_on, row.valid_until) == (date(2017, 6, 1), date(2020, 5, 31))
    assert (row.legacy_number, row.region_code) == ("00001234", "410105")


def test_the_letter_of_an_identity_number_may_be_small_or_large() -> None:
    number = "11010519900517002X"
    factories.worker("410105", number=number)
    file = "社会工作者身份证号,级别,考试通过年度\n"
    file += f"{number},助理社会工作师,2012\n{number.lower()},社会工作师,2016\n"
    assert states(given("qualifications", file)) == ["new", "new"]


def test_hn_10_hours_and_organizations_are_taken_in() -> None:
    number = factories.id_number()
    factories.worker("410105", number=number)
    file = "社会工作者身份证号,课程,学习日期,学时,来源,状态\n"
    file += f"{number},督导,2020-05-01,6.5,线上,已认定\n"
    assert states(given("credits", file)) == ["new"]
    assert str(every(Credit)[0].hours) == "6.5"
    file = f"机构名称,类型,统一社会信用代码,地区\n晨光,service,{factories.credit_code()},410105\n"
    assert states(given("organizations", file)) == ["new"]
    assert every(Organization)[0].name == "晨光"


def test_a_workbook_is_read_like_a_csv_file() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (WORKERS + person_line()).split("\n")[:-1]:
        sheet.append(row.split(","))
    file = io.BytesIO()
    book.save(file)
    assert states(given("workers", file.getvalue())) == ["new"]


def test_a_file_of_a_chinese_spreadsheet_is_read() -> None:
    assert states(given("workers", (WORKERS + person_line("吕不韦")).encode("gb18030"))) == ["new"]
    assert every(Worker)[0].name == "吕不韦"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "没有"),
        ("姓名\n".encode(), "缺少"),
        (WORKERS.encode(), "没有"),
        ("姓名,身份证号,地区,薪水\n".encode(), "薪水"),
        ("姓名,姓名,身份证号,地区\n".encode(), "两次"),
        (b"PK\3\4 and nothing more", "文件"),
        (b"\x00\x01\x02", "文件"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        given("workers", data)
    assert said in both(refusal.value.errors["file"]).zh


def test_a_page_takes_a_limited_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST", 2)
    with pytest.raises(Invalid):
        given("workers", WORKERS + "".join(person_line() for _one in range(3)))


@pytest.mark.parametrize("role", ["county_reviewer", "auditor", "organization"])
def test_only_those_who_keep_the_records_take_tables_in(role: str) -> None:
    for keep in (True, False):
        with pytest.raises(Forbidden):
            given("workers", WORKERS + person_line(), office(role=role), keep)

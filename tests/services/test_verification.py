"""查验: what anyone who has a number is told, one by one and in lists."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from app.rules.certificate import number as number_of
from app.scope import acting_as, as_system
from app.services import certificates, number_lists
from app.services.number_lists import MOST
from app.services.refusals import Invalid
from app.services.verdicts import VERDICTS
from app.services.verification import public_status, public_statuses
from models.certificate import Certificate
from tests.services.approved import Case, approved, change, person, registration
from tests.support import factories
from tests.support.watching import statements

pytestmark = pytest.mark.usefixtures("db")

IN_FORCE = "2020-08-01T09:00"
UNKNOWN = number_of("410000", 2020, "00000000")


@pytest.fixture
def case(app: Flask) -> Case:
    """A case with a certificate."""
    with app.app_context():
        return issued(name="欧阳静怡")


def issued(**facts: Any) -> Case:
    """A new case with a certificate."""
    case = approved(**facts)
    with factories.acting(case.applicant, "2020-07-15T10:00"):
        certificates.issue(case.application.id)
    return case


def test_anyone_learns_what_a_number_stands_for_and_no_more(case: Case) -> None:
    number = change()
    with factories.acting(factories.actor("auditor", "410000"), IN_FORCE), acting_as(None):
        status = public_status(number)
    assert (status.standing, status.in_force, status.verdict.tone) == ("valid", True, "good")
    assert status.as_of.isoformat() == "2020-08-01T01:00:00+00:00"
    printed = status.printed
    assert printed is not None
    assert (printed.name, printed.level.zh) == ("欧阳**", "社会工作师")
    assert (printed.valid_from, printed.valid_until) == (date(2020, 7, 15), date(2023, 5, 31))
    assert (printed.authority, printed.handling_body) == ("北京市民政局", "北京社会工作者协会")
    for private in ("静怡", case.worker.id_number_masked, case.qualification.management_number):
        assert str(private) not in repr(status)


@pytest.mark.parametrize(
    ("at", "standing", "tone"),
    [
        ("2023-03-01T00:00:00", "valid", "good"),
        ("2023-03-02T00:00:00", "due", "good"),
        ("2023-05-31T23:59:59", "due", "good"),
        ("2023-06-01T00:00:00", "expired", "warn"),
    ],
)
def test_the_answer_is_that_of_the_day(case: Case, at: str, standing: str, tone: str) -> None:
    with factories.acting(case.applicant, at):
        status = public_status(change())
    assert (status.standing, status.verdict.tone) == (standing, tone)


@pytest.mark.parametrize("state", ["replaced", "lost", "revoked", "cancelled"])
def test_one_that_was_taken_out_of_force_says_why(case: Case, state: str) -> None:
    with factories.acting(case.applicant, IN_FORCE):
        status = public_status(change(state=state))
    assert (status.standing, status.in_force) == (state, False)
    assert status.printed is not None


def test_a_sound_number_that_was_never_issued_is_unknown(case: Case) -> None:
    status = public_status(number_of("410000", 2020, "00000000"))
    assert (status.standing, status.printed) == ("unknown", None)
    assert status.verdict.tone == "bad"


@given(place=st.integers(0, 14), shift=st.integers(1, 9))
def test_x_41_one_wrong_digit_is_called_a_mistake_in_typing(place: int, shift: int) -> None:
    number = number_of("110000", 2020, "04182736")
    wrong = str((int(number[place]) + shift) % 10)
    status = public_status(number[:place] + wrong + number[place + 1 :])
    assert (status.standing, status.printed) == ("wrong_digit", None)
    assert "15位" not in status.verdict.text.zh


@pytest.mark.parametrize("typed", ["", "1234567", "<script>", "1" * 500, "11 2020 0418"])
def test_what_is_no_number_is_called_a_mistake_in_typing(typed: str) -> None:
    assert public_status(typed).standing == "mistyped"
    assert len(public_status(typed).number) <= 32


def test_a_number_may_be_typed_as_it_is_read(case: Case) -> None:
    number = change()
    grouped = f" {number[:2]}-{number[2:6]} {number[6:14]} {number[14]} "
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in number)
    with factories.acting(case.applicant, IN_FORCE):
        assert {public_status(typed).standing for typed in (grouped, full_width)} == {"valid"}


@pytest.mark.parametrize("name", VERDICTS)
@pytest.mark.database("sqlite")
def test_every_answer_says_what_to_do_in_both_languages(name: str) -> None:
    verdict = VERDICTS[name]
    for words in (verdict.title, verdict.text, verdict.advice):
        assert words.zh
        assert words.en
    assert verdict.text != verdict.advice
    assert verdict.text.zh.endswith("。")
    assert verdict.advice.en.endswith(".")


def test_one_that_was_replaced_leads_to_the_new_one_and_says_why(case: Case) -> None:
    old = change()
    with as_system("a test") as session:
        session.execute(update(Certificate).values(state="replaced"))
        session.commit()
    later = issued(case=case, kind="renewal")
    with as_system("a test") as session:
        row = session.query(Certificate).filter_by(application_id=later.application.id).one()
        row.predecessor_id = session.query(Certificate.id).filter_by(number=old).scalar()
        new = row.number
        session.commit()
    with factories.acting(case.applicant, IN_FORCE):
        status = public_status(old)
        assert status.successor is not None
        assert public_status(status.successor.number).standing == "valid"
    assert status.successor.reason.zh
    assert (status.standing, status.successor.number) == ("replaced", new)


@pytest.mark.parametrize(
    ("on", "standing"), [("2021-05-31T09:00", "paper"), ("2021-06-01T09:00", "paper_expired")]
)
def test_mc_31_the_number_of_a_paper_certificate_is_answered_without_a_name(
    app: Flask, on: str, standing: str
) -> None:
    one = person()
    registration(one, 2018, legacy_number="00417733", valid_until=date(2021, 5, 31))
    with factories.acting(one.applicant, on), acting_as(None):
        status = public_status("0041 7733")
    assert (status.standing, status.printed) == (standing, None)
    assert status.valid_until == date(2021, 5, 31)
    assert status.could_be_a_guess
    assert "王" not in repr(status)


def test_mc_31_paper_that_was_exchanged_shows_only_the_end_of_the_new_number(case: Case) -> None:
    registration(case, 2017, legacy_number="00417733")
    with factories.acting(case.applicant, IN_FORCE), acting_as(None):
        status = public_status("00417733")
    number = change()
    assert status.standing == "paper_replaced"
    assert status.successor is not None
    assert status.successor.number == "*" * 11 + number[11:]


def test_mc_31_a_number_that_two_people_gave_is_not_confirmed(app: Flask) -> None:
    for one in (person(name="王小红"), person(name="李小明")):
        registration(one, 2018, legacy_number="00417733")
    assert public_status("00417733").standing == "paper_doubtful"


def test_mc_31_what_an_applicant_only_claims_is_unknown(app: Flask) -> None:
    registration(person(), 2018, legacy_number="00417733", state="claimed")
    assert public_status("00417733").standing == "unknown"
    assert public_status("417733").standing == "mistyped"


def test_x_41_a_wrong_check_digit_is_told_before_anything_is_looked_up(
    case: Case, db: SQLAlchemy
) -> None:
    number = change()
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    with statements(db) as seen:
        assert public_status(wrong).standing == "wrong_digit"
    assert not seen.sent


def test_many_numbers_take_as_many_statements_as_one(case: Case, db: SQLAlchemy) -> None:
    def asked(numbers: list[str]) -> int:
        with factories.acting(case.applicant, IN_FORCE), statements(db) as seen:
            public_statuses(numbers)
        return len(seen.read)

    first = change()
    for _ in range(3):
        issued()
    with as_system("a test") as session:
        numbers = [row.number for row in session.query(Certificate)]
    assert len(numbers) == 4
    assert asked([*numbers, UNKNOWN, "00417733", "x"]) == asked([first, "00417733"])


# --- Lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    "text",
    [
        "姓名,证书编号\r\n欧阳静怡,{0}\r\n王芳,{1}\r\n",
        "证书编号;备注\n{0};一线\n\n{1};二线\n",
        "{0}\n{1}",
        "'{0},甲\r{1},乙\r",
        '="{0}"\n="{1}"\n',
        "编号\t姓名\n{0}\t甲\n{1}\t乙",
    ],
)
@pytest.mark.database("sqlite")
def test_lists_are_read_as_spreadsheets_write_them(text: str, encoding: str, case: Case) -> None:
    number = change()
    data = text.format(number, UNKNOWN).encode(encoding)
    with factories.acting(case.applicant, IN_FORCE):
        checked = number_lists.check(number_lists.decoded(data))
    assert [status.standing for _typed, status in checked] == ["valid", "unknown"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "是空的"),
        (b" \r\n\t", "是空的"),
        (b"1" * 300_000, "过大"),
        (b"PK\x03\x04" + b"\0" * 200_000, "不是CSV文件"),
        (b"\xd0\xcf\x11\xe0 old workbook", "不是CSV文件"),
        (b"%PDF-1.7", "不是CSV文件"),
        ("证书编号\n1".encode("utf-16"), "无法按文本读取"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "无法按文本读取"),
        (b"\xff\xff\xff", "无法按文本读取"),
    ],
)
@pytest.mark.database("sqlite")
def test_what_is_no_list_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        number_lists.decoded(data)
    assert sentence in str(caught.value.sentence)


def test_a_list_has_at_most_500_numbers() -> None:
    lines = [UNKNOWN] * MOST
    assert len(number_lists.check("\n".join(lines))) == 500
    for text in ("\n".join([*lines, UNKNOWN]), "1\n" * 100_000):
        with pytest.raises(Invalid) as caught:
            number_lists.check(text)
        assert "500" in str(caught.value.sentence)
    with pytest.raises(Invalid):
        number_lists.check("\n,\n")


def test_a_cell_without_an_end_is_a_sentence_and_no_fault() -> None:
    with pytest.raises(Invalid) as caught:
        number_lists.check('1,"' + "x" * 200_000)
    assert "无法按CSV读取" in str(caught.value.sentence)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    with suppress(Invalid):
        assert number_lists.check(number_lists.decoded(data))

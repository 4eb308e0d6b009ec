"""A PDF that somebody shows: what it is worth, and what its certificate is now."""

import pytest
from flask import Flask, current_app
from sqlalchemy import update

from app.scope import as_system
from app.services import certificates, renderings
from app.services.file_checks import check_file
from app.services.refusals import Invalid
from models.certificate import Certificate
from tests.services.approved import Case, approved
from tests.support import factories

pytestmark = pytest.mark.usefixtures("db")

IN_FORCE, LATER = "2020-08-01T09:00", "2023-06-01T09:00"


@pytest.fixture
def case(app: Flask) -> Case:
    """A case with a certificate."""
    with app.app_context():
        case = approved(name="欧阳静怡")
        with factories.acting(case.applicant, "2020-07-15T10:00"):
            certificates.issue(case.application.id)
    return case


def file_of(case: Case, anew: bool = False) -> bytes:
    """The signed file of the case's certificate."""
    with as_system("a test looks") as session:
        key = session.query(Certificate.id).filter_by(application_id=case.application.id).scalar()
    with factories.acting(case.applicant, IN_FORCE):
        digest = renderings.render(key, anew=anew)
    data: bytes = current_app.extensions["files"].get(digest)
    return data


def test_a_genuine_file_of_a_certificate_in_force_is_good_news(case: Case) -> None:
    data = file_of(case)
    with factories.acting(case.applicant, IN_FORCE):
        found = check_file(data)
    assert (found.verdict.tone, found.verdict.title.zh) == ("good", "文件真实，证书有效")
    assert found.status is not None
    assert found.status.printed is not None
    assert found.status.printed.name == "欧阳**"


def test_genuine_but_expired(case: Case) -> None:
    data = file_of(case)
    with factories.acting(case.applicant, LATER):
        found = check_file(data)
    assert found.file.is_genuine
    assert (found.verdict.tone, found.verdict.title.zh) == ("warn", "文件真实，但证书已过期")
    assert found.verdict.title.en == "Genuine, but: Expired"


@pytest.mark.parametrize(
    ("state", "tone", "word"),
    [("revoked", "bad", "已撤销"), ("lost", "bad", "遗失"), ("replaced", "warn", "取代")],
)
def test_genuine_but_out_of_force_the_moment_after(
    case: Case, state: str, tone: str, word: str
) -> None:
    data = file_of(case)
    with as_system("a test arranges") as session, session.begin():
        session.execute(update(Certificate).values(state=state))
    with factories.acting(case.applicant, IN_FORCE):
        found = check_file(data)
    assert found.file.is_genuine
    assert found.verdict.tone == tone
    assert word in found.verdict.title.zh


def test_a_file_that_was_drawn_anew_since_is_as_genuine(case: Case) -> None:
    first = file_of(case)
    assert file_of(case, anew=True) != first
    with factories.acting(case.applicant, IN_FORCE):
        found = check_file(first)
    assert found.file.outcome == "superseded"
    assert found.verdict.tone == "good"
    assert "换过版式" in found.verdict.text.zh


@pytest.mark.parametrize("change", ["one byte", "appended"])
def test_what_was_changed_after_signing_is_refused_and_names_nobody(
    case: Case, change: str
) -> None:
    data = bytearray(file_of(case))
    if change == "one byte":
        data[len(data) // 2] ^= 1
    else:
        data += b"\n%%EOF\n"
    found = check_file(bytes(data))
    assert (found.verdict.tone, found.file.outcome, found.status) == ("bad", "altered", None)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (b"PK\x03\x04 a workbook", "no_pdf"),
        (b"%PDF-1.7 and then nothing", "no_pdf"),
        (b"\0" * 1000, "no_pdf"),
        (b"%PDF-1.7\n" + b"(" * 1_000_000, "no_pdf"),
    ],
)
def test_what_is_no_certificate_is_told_so(app: Flask, data: bytes, outcome: str) -> None:
    found = check_file(data)
    assert (found.verdict.tone, found.file.outcome, found.status) == ("bad", outcome, None)
    assert found.verdict.advice.zh


@pytest.mark.parametrize("data", [b"", b"%PDF-" + b"0" * 5_000_000], ids=["empty", "large"])
def test_what_cannot_be_one_is_not_looked_into(app: Flask, data: bytes) -> None:
    with pytest.raises(Invalid):
        check_file(data)

"""The application form on paper: what an applicant may read, and no more."""

from typing import Any

import pytest

from app.documents.application_form import ApplicationFormFacts
from app.queries import progress
from app.services import printing
from tests.support import factories
from tests.support.cases import case, decide
from tests.support.factories import acting, stored

pytestmark = pytest.mark.usefixtures("db")

NOTE = "照片已与公安系统核对"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[ApplicationFormFacts]:
    """The facts of every form that is printed; nothing is drawn."""
    found: list[ApplicationFormFacts] = []

    def draw(facts: ApplicationFormFacts) -> bytes:
        found.append(facts)
        return b""

    monkeypatch.setattr(printing, "application_form_pdf", draw)
    return found


@pytest.mark.parametrize(
    ("verdict", "read"), [("approve", None), ("reject", NOTE), ("return", NOTE)]
)
def test_paper_and_page_tell_the_applicant_the_same_of_a_decision(
    drawn: list[ApplicationFormFacts], verdict: str, read: str | None
) -> None:
    who = factories.applicant(region_code="410105")
    made: Any = case(who, region_code="410105", submitted=True)
    made = decide(made.id, verdict, reason=NOTE)
    with acting(who):
        printing.application_form(made.id)
        told = [step.text for step in progress.steps(stored(type(made), made.id))]
    assert [line.opinion for line in drawn[0].review] == [read or ""]
    assert (NOTE in told) is (read is not None)

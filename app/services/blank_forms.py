"""The empty form of a kind as PDF, drawn from its policy: to print, fill in and have stamped."""

from functools import lru_cache

from app.documents.application_form import (
    ApplicationFormFacts,
    FormSection,
    application_form_pdf,
)
from app.queries.policies import with_dictionaries
from app.rules.fields import FieldSpec
from app.rules.kinds import Kind
from app.rules.policy import Policy

MOST_BOXES = 16
"""Choices that are printed to be ticked; longer lists are written in by hand."""


def blank_form(policy: Policy, kind: Kind) -> bytes:
    """The form with nothing in it; its edition stands on it (CD-11)."""
    kind = with_dictionaries(kind)
    return _drawn(
        ApplicationFormFacts(
            title=kind.form_title.zh,
            reference="",
            state="",
            applicant="",
            sections=tuple(
                FormSection(part.label.zh, tuple((f.label.zh, _boxes(f)) for f in part.fields))
                for part in kind.sections
            ),
            portrait=None,
            declaration="".join(one.text.zh for one in kind.consents),
            declared_at=None,
            blank=f"{policy.title.zh} 第{policy.version}版",
        )
    )


@lru_cache(maxsize=64)
def _drawn(facts: ApplicationFormFacts) -> bytes:
    return application_form_pdf(facts)


def _boxes(spec: FieldSpec) -> str:
    if not 0 < len(spec.choices) <= MOST_BOXES:
        return ""
    return "　".join(f"□{choice.label.zh}" for choice in spec.choices)

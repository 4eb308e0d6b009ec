"""The dictionaries beside the policies: inputs, state labels, and the reasons of a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.rules.fields import FieldSpec
from app.rules.reading import parse
from app.rules.words import Words

LONGEST_REASON = 500
"""How many characters the applicant reads of one decision at most."""


@dataclass(frozen=True)
class Reason:
    """A coded reason: `label` is what the reviewer picks, `text` what the applicant reads."""

    code: str = field(metadata={"from_key": True, "pattern": "[a-z][a-z0-9_]{0,31}"})
    label: Words
    text: Words
    verdicts: tuple[Literal["reject", "return"], ...]


def parse_fields(data: Mapping[str, Any]) -> dict[str, FieldSpec]:
    """The inputs of fields.yaml by name; raises PolicyFaults."""
    fields: dict[str, FieldSpec] = parse(Mapping[str, FieldSpec], data)
    return fields


def parse_labels(data: Mapping[str, Any]) -> dict[str, dict[str, Words]]:
    """The wording of labels.yaml by set and state (H); raises PolicyFaults."""
    labels: dict[str, dict[str, Words]] = parse(Mapping[str, Mapping[str, Words]], data)
    return labels


def parse_reasons(data: Mapping[str, Any]) -> dict[str, Reason]:
    """The reasons of reasons.yaml by code; raises PolicyFaults."""
    reasons: dict[str, Reason] = parse(Mapping[str, Reason], data)
    return reasons

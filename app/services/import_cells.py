"""The cells of a table as offices write them: codes by their words, days in any order, regions by
name, rows of other tables by their number."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import vault
from app.extensions import db
from app.queries.names import region_names
from app.rules.fields import FieldSpec
from app.services.bilingual import both
from models.base import Record
from models.region import Region

DIGEST = "id_number_digest"
NOT_THERE = _l("Nothing with this number is on record in your region.")
TRUTHS = {"是": "true", "否": "false", "有": "true", "无": "false"}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?( 00:00(:00)?)?")


def read(spec: FieldSpec, text: str) -> Any:
    """A cell as a form would send it; what cannot be read stays as it is, for the form's own check
    to refuse. An empty cell is None."""
    if not text:
        return None
    if spec.kind == "choice":
        return _code(spec, text)
    if spec.kind == "choices":
        return [_code(spec, part.strip()) for part in re.split("[、,，;；]", text)]
    if spec.kind == "boolean":
        return TRUTHS.get(text, text)
    if spec.kind == "date" and (found := _DAY.fullmatch(text)):
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    return text


def _code(spec: FieldSpec, text: str) -> str:
    """The code of a choice that is named by its code or by its words in either language."""
    for choice in spec.choices:
        label = both(choice.label)
        if text in (choice.code, label.zh, label.en):
            return choice.code
    return text


def places() -> dict[str, str]:
    """The codes of all regions by their full names."""
    codes = db.session.scalars(select(Region.code))
    return {full: code for code, full in region_names(codes).items()}


def keys_of(model: type[Record], column: str, numbers: Collection[str]) -> Mapping[str, int]:
    """The keys of the rows in scope by their number, as it was written; `column` keeps the number,
    or the digest of an identity number."""
    sealed = column == DIGEST
    stored = {one: vault.digest(one) if sealed else one for one in numbers}
    kept = getattr(model, column)
    query = select(kept, model.id).where(kept.in_(set(stored.values())))
    found = {row[0]: row[1] for row in db.session.execute(query)}
    return {one: found[number] for one, number in stored.items() if number in found}

"""One's own personal information: what is asked, what was said, and what of it is still missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from app.extensions import db
from app.queries.policies import SEEDS, offered_now
from app.rules.fields import AskedSlot, FieldSpec
from app.rules.kinds import Kind
from app.rules.profile import Sheet, missing
from app.rules.reading import parse
from app.rules.words import Words
from app.scope import as_system
from models.application import Material
from models.organization import Organization
from models.profile import Honor, PersonalFile, Profile, WorkExperience

SHEET = Path(__file__).parents[1] / "data" / "profile.yaml"
FEW = 20
DIRECTORY = "service"
"""The organizations that everybody may choose from: 系统内主要为社会工作服务机构 (MC-12)."""


@cache
def sheet() -> Sheet:
    """What personal information asks; raises PolicyFaults for a file that is at fault."""
    known = yaml.safe_load((SEEDS / "fields.yaml").read_text("utf-8"))

    def written_out(item: Any) -> Any:
        own = {"name": item} if isinstance(item, str) else item
        # sources are for forms of a case; here the person says it themself
        return {**known.get(own["name"], {}), "source": None, **own}

    found: Sheet = parse(Sheet, yaml.safe_load(SHEET.read_text("utf-8")), {FieldSpec: written_out})
    return found


def current_sheet() -> Sheet:
    """The same with the choices that the console's dictionaries offer now."""
    found = sheet()
    return replace(found, layout=offered_now(found.layout))


def of(worker_id: int) -> Profile | None:
    """The personal information of a worker, if there is any."""
    return db.session.scalar(select(Profile).where(Profile.worker_id == worker_id))


def experiences(worker_id: int) -> Sequence[WorkExperience]:
    """A working life, the latest part first."""
    query = select(WorkExperience).where(WorkExperience.worker_id == worker_id)
    latest = (WorkExperience.started.desc(), WorkExperience.id.desc())
    return db.session.scalars(query.order_by(*latest)).all()


def honors(worker_id: int) -> Sequence[Honor]:
    """The honours, the latest first."""
    query = select(Honor).where(Honor.worker_id == worker_id)
    return db.session.scalars(query.order_by(Honor.awarded_on.desc(), Honor.id.desc())).all()


def files(worker_id: int) -> dict[str, PersonalFile]:
    """The pictures that count, by slot."""
    query = select(PersonalFile).where(PersonalFile.worker_id == worker_id)
    return {row.slot: row for row in db.session.scalars(query)}


def missing_of(profile: Profile | None) -> list[Words]:
    """What is still to be said before a form may be begun (MC-06), by label."""
    basic, carried = (profile.basic, profile.carried) if profile else ({}, {})
    return missing(sheet().fields, basic, carried)


@dataclass(frozen=True)
class Taken:
    """What a draft takes from here instead of asking (MC-17): answers by input, and the digests of
    pictures by slot."""

    values: Mapping[str, Any]
    kept: Mapping[str, str]

    def settles(self, slot: AskedSlot, material: Material | None) -> bool:
        """Whether the picture in a slot is the one from here."""
        return material is not None and self.kept.get(slot.origin) == material.digest


def taken(worker_id: int, kind: Kind) -> Taken:
    """What drafts of a kind take from here; nothing where the kind asks for itself."""
    return taken_from(of(worker_id) if kind.profile else None, kind)


def taken_from(profile: Profile | None, kind: Kind) -> Taken:
    """The same of personal information that has been read."""
    said = profile if kind.profile else None
    return Taken(_asked(kind, said), said.kept if said else {})


def first_values(worker_id: int, kind: Kind) -> dict[str, Any]:
    """What personal information says to the open inputs of a new draft."""
    return {n: v for n, v in _asked(kind, of(worker_id)).items() if v not in (None, "", [])}


def _asked(kind: Kind, profile: Profile | None) -> dict[str, Any]:
    names = {spec.name for spec in kind.fields if not spec.locked}
    known = profile.carried if profile else {}
    return {name: value for name, value in known.items() if name in names}


def units(text: str) -> list[tuple[int, str]]:
    """The organizations of the directory whose name begins with the text (MC-11)."""
    query = _directory().where(Organization.name.startswith(text, autoescape=True))
    with as_system(
        "the directory of organizations is everybody's to read", only_reads=True
    ) as session:
        rows = session.execute(query.order_by(Organization.name, Organization.id).limit(FEW))
        return [(key, name) for key, name in rows]


def unit(key: Any) -> tuple[int, str] | None:
    """One organization of the directory, by its key or by its whole name."""
    text = str(key or "").strip()
    wanted = Organization.id == int(text) if _is_key(text) else Organization.name == text
    with as_system(
        "the directory of organizations is everybody's to read", only_reads=True
    ) as session:
        row = session.execute(_directory().where(wanted).order_by(Organization.id)).first()
        return (row[0], row[1]) if row else None


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _directory() -> Any:
    return select(Organization.id, Organization.name).where(
        Organization.kind == DIRECTORY, Organization.active
    )

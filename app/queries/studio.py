"""What the studio shows: policies with their editions, drafts, and what a draft is made of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from sqlalchemy import Select, select

from app import clock
from app.extensions import db
from app.queries.policies import SEEDS, days_off, precedence
from app.queries.policy_places import misplaced
from app.queries.policy_texts import (
    BrokenTexts,
    TextFault,
    Texts,
    checked,
    extended_by,
    faults_at,
)
from app.rules.kinds import WindowFact
from app.rules.policy import Policy
from app.scope import as_system
from models.account import Account
from models.draft import PolicyDraft, PolicyImpact
from models.policy import Policy as Edition

OPEN = ("draft", "proposed")
CONTEXT = 3
"""Lines shown before and after what differs."""


@dataclass(frozen=True)
class Shelf:
    """One policy on the studio's first page."""

    code: str
    current: Edition | None
    coming: tuple[Edition, ...]
    draft: PolicyDraft | None


@dataclass(frozen=True)
class DiffLine:
    """A line of the difference; `mark` is what happened to it, "…" stands for lines left out."""

    mark: Literal["+", "-", " ", "…"]
    text: str
    number: int | None = None


def shelves() -> list[Shelf]:
    """Every policy that has an edition or an open draft."""
    rows = db.session.scalars(select(Edition).order_by(Edition.code, Edition.edition)).all()
    editions = {code: list(mine) for code, mine in groupby(rows, lambda row: row.code)}
    drafts = {draft.code: draft for draft in db.session.scalars(_open_drafts())}
    return [
        _shelf(code, editions.get(code, []), drafts.get(code))
        for code in sorted({*editions, *drafts})
    ]


def open_draft(code: str) -> PolicyDraft | None:
    """The draft of a policy that somebody is working on."""
    return db.session.scalar(_open_drafts().where(PolicyDraft.code == code))


def _open_drafts() -> Select[PolicyDraft]:
    return select(PolicyDraft).where(PolicyDraft.state.in_(OPEN))


def _shelf(code: str, editions: list[Edition], draft: PolicyDraft | None) -> Shelf:
    today = clock.today()
    coming = tuple(row for row in editions if row.effective_from and row.effective_from > today)
    return Shelf(code, in_force_of(editions, today), coming, draft)


def in_force_of(editions: Iterable[Edition], on: date) -> Edition | None:
    """The edition of one policy that is in force on a day: the one that began last."""
    current = (row for row in editions if not days_off(on, row.effective_from, row.effective_until))
    return max(current, key=precedence, default=None)


def editions_of(code: str) -> Sequence[Edition]:
    """Every edition of a policy, the first one first."""
    query = select(Edition).where(Edition.code == code).order_by(Edition.edition)
    return db.session.scalars(query).all()


def in_force(code: str, on: date | None = None) -> Edition | None:
    """The edition of a policy that is in force on a day (today)."""
    return in_force_of(editions_of(code), on or clock.today())


def standing(code: str) -> Edition | None:
    """The edition that the next one follows: the one in force, else the last one there was."""
    return standing_of(editions_of(code))


def standing_of(editions: Sequence[Edition]) -> Edition | None:
    """The same among the editions of one policy, the first one first."""
    return in_force_of(editions, clock.today()) or (editions[-1] if editions else None)


def edition(key: int) -> Edition | None:
    """One edition by the key of its row."""
    return db.session.get(Edition, key)


def draft(key: int) -> PolicyDraft | None:
    """One draft."""
    return db.session.get(PolicyDraft, key)


def impact_of(row: PolicyDraft) -> PolicyImpact | None:
    """What was last computed, or is being computed, for a draft."""
    query = select(PolicyImpact).where(PolicyImpact.draft_id == row.id)
    return db.session.scalar(query.order_by(PolicyImpact.id.desc()).limit(1))


def digest_of(row: PolicyDraft) -> str:
    """What an impact is kept for: the draft's text and all that it rests on."""
    return texts_of(row.code, row.text).digest


def first_day(row: PolicyDraft, policy: Policy | None) -> date:
    """The day from which a draft would hold: the one proposed, else the one that its text says
    (`policy`, None with faults), and never a day that has passed."""
    written = policy.effective_from if policy else clock.today()
    return max(row.effective_from or written, clock.today())


def windows_then(drafted: Policy, before: Policy) -> tuple[WindowFact, ...]:
    """The windows that a draft would have beside what applies in its region until then: those that
    stand, or those of its text, which count for a policy's first edition alone."""
    return before.windows if before.code == drafted.code else drafted.windows


def texts_of(code: str, text: str) -> Texts:
    """A draft's documents: its own text, the dictionary of inputs that the portal has, and the
    edition in force of the policy that it extends; for one that extends itself, nothing."""
    extended = extended_by(text)
    base = in_force(extended) if extended and extended != code else None
    fields = (SEEDS / "fields.yaml").read_text("utf-8")
    return Texts(text, fields, Texts.of(base.source).own if base else None)


def inspected(code: str, text: str) -> tuple[Policy | None, list[TextFault]]:
    """The policy that a draft describes, or why it describes none, by line."""
    try:
        policy = checked(texts_of(code, text), code, code)
    except BrokenTexts as broken:
        return None, broken.faults
    faults = faults_at(text, code, misplaced(db.session(), policy))
    return (None, faults) if faults else (policy, [])


def taken_over(policy: Policy) -> list[str]:
    """The other policies of the same region, which this one would put out of force on its day."""
    query = select(Edition.code).where(
        Edition.jurisdiction == policy.region_code, Edition.code != policy.code
    )
    return list(db.session.scalars(query.distinct().order_by(Edition.code)))


def names(*keys: int | None) -> dict[int, str]:
    """What the people behind these accounts are called."""
    with as_system("a draft tells who answers for it", only_reads=True) as session:
        rows = session.scalars(select(Account).where(Account.id.in_({key for key in keys if key})))
        return {row.id: row.display_name for row in rows}


def difference(before: str, after: str) -> list[DiffLine]:
    """The lines that differ, with some around them; the numbers are those of the new text."""
    old, new = before.splitlines(), after.splitlines()
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT)
    return [line for group in groups for line in (DiffLine("…", ""), *_lines(group, old, new))]


def _lines(
    group: Iterable[tuple[str, int, int, int, int]], old: list[str], new: list[str]
) -> Iterator[DiffLine]:
    for tag, i, j, k, m in group:
        if tag == "equal":
            yield from (DiffLine(" ", new[n], n + 1) for n in range(k, m))
            continue
        yield from (DiffLine("-", line) for line in old[i:j])
        yield from (DiffLine("+", new[n], n + 1) for n in range(k, m))


def places_changed(before: str, after: str) -> int:
    """In how many places two texts differ."""
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return sum(tag != "equal" for tag, *_rest in matcher.get_opcodes())

"""Publishing the policies that the portal ships: a file is the seed of a row, once."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.queries.policies import SEEDS, read
from app.rules.dictionaries import parse_fields
from app.rules.fields import FieldSpec
from app.rules.kinds import WindowFact
from app.rules.policy import Contact as ContactFact
from app.rules.policy import Policy
from models.policy import Dictionary, DictionaryItem
from models.policy import Policy as Edition
from models.publication import Contact, Notice, Window

# What the code itself decides by: an entry more would be an entry that nothing understands.
FIXED = ("delivery",)


def install(session: Session) -> None:
    """Publish what the portal ships and the database does not have yet; harmless when repeated.

    A policy file whose content is new becomes the next edition of its policy. Windows, notices,
    contacts and dictionaries are the offices' and the console's after the first time. Raises
    PolicyFaults with every fault of a file.
    """
    fields = _text("fields")
    _install_dictionaries(session, parse_fields(yaml.safe_load(fields)))
    for name in _shipped():
        _publish(session, "\n---\n".join([_text(name), fields, *_base(name)]))
    session.flush()


def _shipped() -> Iterator[str]:
    """The files that are policies: those whose `code` is their name."""
    for path in sorted(SEEDS.glob("*.yaml")):
        if yaml.safe_load(path.read_text("utf-8")).get("code") == path.stem:
            yield path.stem


def _base(name: str) -> list[str]:
    extended = yaml.safe_load(_text(name)).get("extends")
    return [_text(extended)] if extended else []


def _text(name: str) -> str:
    return (SEEDS / f"{name}.yaml").read_text("utf-8")


def _publish(session: Session, source: str) -> None:
    policy, digest = read(source), sha256(source.encode()).hexdigest()
    mine = Edition.code == policy.code
    if session.scalar(select(Edition.id).where(mine, Edition.digest == digest)):
        return
    latest = session.scalar(select(func.max(Edition.edition)).where(mine))
    session.add(
        Edition(
            code=policy.code,
            edition=(latest or 0) + 1,
            jurisdiction=policy.region_code,
            effective_from=policy.effective_from,
            effective_until=policy.effective_until,
            source=source,
            digest=digest,
            published_at=clock.now(),
        )
    )
    if latest is None:
        _install_publications(session, policy)


def _install_publications(session: Session, policy: Policy) -> None:
    for fact in policy.windows:
        _install_window(session, policy, fact)
    for position, contact in enumerate(policy.contacts):
        session.add(_contact(policy, contact, position))


def _install_window(session: Session, policy: Policy, fact: WindowFact) -> None:
    focus = fact.concentrated
    window = Window(
        region_code=policy.region_code,
        title=fact.title.zh,
        policy_code=policy.code,
        kinds=", ".join(fact.kinds),
        opens_on=fact.opens_on,
        closes_on=fact.closes_on,
        concentrated_from=focus.opens_on if focus else None,
        concentrated_to=focus.closes_on if focus else None,
        legal_basis="\n".join(text.zh for text in policy.legal_basis),
        overrides=dict(fact.overrides),
        state="published",
    )
    session.add(window)
    session.flush()
    if fact.notice:
        session.add(
            Notice(
                region_code=policy.region_code,
                title=fact.notice.title.zh,
                issuer=fact.notice.issuer.zh,
                issued_on=fact.notice.dated,
                body=fact.notice.body.zh,
                link=fact.notice.link,
                window_id=window.id,
                state="published",
                published_at=clock.now(),
            )
        )


def _contact(policy: Policy, fact: ContactFact, position: int) -> Contact:
    return Contact(
        region_code=policy.region_code,
        title=fact.name.zh,
        person=fact.person.zh if fact.person else None,
        telephone=fact.phone,
        mailbox=fact.email,
        hours=fact.hours.zh if fact.hours else None,
        subject=fact.about.zh,
        position=position,
        state="published",
    )


def _install_dictionaries(session: Session, fields: Mapping[str, FieldSpec]) -> None:
    """Add the dictionaries that are missing; one that is there belongs to the console."""
    known = set(session.scalars(select(Dictionary.code)))
    for name, spec in fields.items():
        if spec.choices and not spec.locked and name not in (*FIXED, *known):
            session.add(_dictionary(name, spec))


def _dictionary(name: str, spec: FieldSpec) -> Dictionary:
    items: list[Any] = [
        DictionaryItem(code=choice.code, zh=choice.label.zh, en=choice.label.en, position=position)
        for position, choice in enumerate(spec.choices)
    ]
    return Dictionary(code=name, name_zh=spec.label.zh, name_en=spec.label.en, items=items)

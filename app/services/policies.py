"""Publishing policies: a file that the portal ships is the seed of a row, once."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.queries.policies import SEEDS
from app.queries.policy_places import misplaced
from app.queries.policy_texts import (
    DICTIONARIES,
    BrokenTexts,
    TextFault,
    Texts,
    checked,
    extended_by,
    faults_at,
    faults_of_dictionary,
    text_of,
)
from app.queries.yaml_loading import sound
from app.rules.dictionaries import parse_fields
from app.rules.fields import FieldSpec
from app.rules.kinds import WindowFact
from app.rules.policy import Contact as ContactFact
from app.rules.policy import Policy
from app.services import faces
from models.policy import Dictionary, DictionaryItem
from models.policy import Policy as Edition
from models.publication import Contact, Notice, Window

# What the code itself decides by: an entry more would be an entry that nothing understands.
FIXED = ("delivery",)


def install(session: Session) -> None:
    """Publish what the portal ships and the database does not have yet; harmless when repeated.

    A policy file whose content is new becomes the next edition of its policy. Windows, notices,
    contacts and dictionaries are the offices' and the console's after the first time. Raises
    BrokenTexts with every fault of every file, before anything is published.
    """
    paths = sorted(SEEDS.glob("*.yaml"))
    faults = [fault for path in paths for fault in faults_of_shipped(path)]
    if faults:
        raise BrokenTexts(faults)
    fields = (SEEDS / "fields.yaml").read_text("utf-8")
    _install_dictionaries(session, parse_fields(sound(fields)[0]))
    new = [(path, texts_of_file(path)) for path in paths if path.stem not in DICTIONARIES]
    new = [(path, texts) for path, texts in new if not _published_before(session, path, texts)]
    policies = [(path, texts, checked(texts, str(path))) for path, texts in new]
    for path, texts, policy in policies:
        found = (*misplaced(session, policy), *faces.faults(policy))
        faults += faults_at(texts.own, str(path), found)
    if faults:
        raise BrokenTexts(faults)
    for _path, texts, policy in policies:
        publish(session, policy, texts, policy.effective_from)


def texts_of_file(path: Path) -> Texts:
    """The documents of a policy file: the dictionary of inputs and the policy that it extends are
    those beside it, else those that the portal ships. Raises BrokenTexts when it is no text."""
    own = text_of(path.read_bytes(), str(path))
    extended = extended_by(own)
    base = _beside(path, extended) if extended else None
    return Texts(
        own,
        _beside(path, "fields").read_text("utf-8"),
        text_of(base.read_bytes(), str(base)) if base and base.is_file() else None,
    )


def faults_of_file(path: Path, code: str | None = None) -> list[TextFault]:
    """What is wrong with a policy file, line by line; `code` is what it has to be called."""
    try:
        texts = texts_of_file(path)
        extended = extended_by(texts.own)
        base = str(_beside(path, extended)) if extended else ""
        policy = checked(texts, str(path), code, base)
    except BrokenTexts as broken:
        return broken.faults
    return faults_at(texts.own, str(path), faces.faults(policy))


def faults_of_shipped(path: Path) -> list[TextFault]:
    """What is wrong with a file that the portal ships: a dictionary, or the policy of its name."""
    if path.stem in DICTIONARIES:
        return faults_of_dictionary(path)
    return faults_of_file(path, path.stem)


def publish(session: Session, policy: Policy, texts: Texts, effective_from: date) -> Edition:
    """Add the next edition of a policy, in force from a day on. The windows, notices and contacts
    that are written in the first one are published with it; later they are the offices'."""
    latest = session.scalar(select(func.max(Edition.edition)).where(Edition.code == policy.code))
    edition = Edition(
        code=policy.code,
        edition=(latest or 0) + 1,
        jurisdiction=policy.region_code,
        effective_from=effective_from,
        effective_until=policy.effective_until,
        source=texts.source,
        digest=texts.digest,
        published_at=clock.now(),
    )
    session.add(edition)
    if latest is None:
        _install_publications(session, policy)
    session.flush()
    return edition


def _beside(path: Path, name: str) -> Path:
    beside = path.parent / f"{name}.yaml"
    return beside if beside.is_file() else SEEDS / beside.name


def _published_before(session: Session, path: Path, texts: Texts) -> bool:
    known = select(Edition.id).where(Edition.code == path.stem, Edition.digest == texts.digest)
    return session.scalar(known.limit(1)) is not None


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
        kinds=list(fact.kinds),
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

"""The studio's verbs: a draft of a policy is begun, saved, proposed, and published by a second
person."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.extensions import LOCKED
from app.queries import studio
from app.queries.policy_texts import Texts, code_in
from app.rules.policy import Policy, edition_name
from app.rules.regions import NATION
from app.rules.words import Words
from app.scope import Actor
from app.services import events, faces, policies
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from app.services.unattended import unattended
from app.services.verbs import STALE, need, transaction
from models.draft import PolicyDraft

PERMISSION = "console.use"
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_CODE = 40
LONGEST = 400_000
"""Signs of one policy; the longest that the portal ships has a tenth of it."""

BAD_CODE = _l("A policy's code has small letters, digits and hyphens, at most 40 of them.")
NO_CODE = _l("This file does not say which policy it is: it needs a line such as “code: name”.")
NO_POLICY = _l("There is no such policy to begin from.")
TAKEN = _l("Somebody is already working on a draft of this policy. Open that one.")
OTHER_POLICY = _l("This file is another policy's. Import it on the list of policies.")
NOT_TEXT = _l("This is no text in UTF-8 that can be stored. Choose a YAML file.")
TOO_LONG = _l("This is longer than a policy can be. Choose another file.")
MISSING = _l("There is no such draft.")
CLOSED = _l("This draft is closed or waiting for confirmation and cannot be changed.")
ALONE = _l("A second person, who neither wrote the last change nor proposed it, has to publish it.")
UNCHANGED = _l("There is nothing to publish: the text is that of the edition in force.")
TOO_EARLY = _l("Choose today or a later day: what has been decided already stays as it was.")
NO_REASON = _l("Say what has to be changed.")
ENDS_FIRST = Words(
    "政策文本写明{day}失效（effective_until），早于发布生效的日期。请先修改其中之一。",
    "The text ends on {day} (effective_until), before the day from which it would hold. "
    "Change one of them.",
)
FAULTY = Words(
    "政策还有{count}处错误，请先更正。", "The policy still has {count} faults. Correct them first."
)


def begin(code: str, like: str | None = None) -> PolicyDraft:
    """A draft of a policy's next edition, from the text in force; for a new policy from the text
    of `like`, or an empty one.

    Raises Invalid, Missing for an unknown `like`, and Conflict when there is an open draft.
    """
    actor = need(PERMISSION)
    code = _sound_code(code.strip())
    current = studio.standing(code)
    model = current or (studio.in_force(like) if like else None)
    if like and model is None:
        raise Missing("missing", NO_POLICY)
    text = Texts.of(model.source).own if model else f"code: {code}\n"
    if model is not None and current is None:
        text = re.sub(r"^code:.*$", f"code: {code}", text, count=1, flags=re.MULTILINE)
    with transaction() as session:
        return _begun(session, code, text, actor)


def begin_with(content: bytes) -> PolicyDraft:
    """A draft with the text of a file, kept to the byte; the file says which policy it is.

    Raises Invalid when it is no text or says no code, Conflict when there is an open draft.
    """
    actor = need(PERMISSION)
    text = _text(content)
    with transaction() as session:
        return _begun(session, _code(text), text, actor)


def begin_unattended(content: bytes, effective_from: date | None = None) -> PolicyDraft:
    """The same for a command: nobody acts, so that any two people may propose and publish it.

    Raises Invalid and Conflict.
    """
    text = _text(content)
    with unattended("a command imports a policy for the console") as session:
        draft = _begun(session, _code(text), text, None)
        draft.effective_from = effective_from
        session.flush()
        session.expunge(draft)
    return draft


def save(key: int, text: str, version: int | None) -> PolicyDraft:
    """Keep what was typed, right or wrong. Raises Conflict when somebody else saved meanwhile or
    the draft is not open, Invalid for what no policy can be."""
    actor = need(PERMISSION)
    _storable(text)
    with transaction() as session:
        draft = _fetch(session, key, version, "draft")
        if text != draft.text:
            draft.text, draft.edited_by, draft.edited_at = text, actor.account_id, clock.now()
            draft.remark = None
            _record(session, draft, "save", "draft")
    return draft


def replace(key: int, content: bytes, version: int | None) -> PolicyDraft:
    """Put the text of a file in the place of a draft's, to the byte; raises what `save` raises,
    and Invalid for a file of another policy."""
    text = _text(content)
    found = studio.draft(key)
    if found is not None and _code(text) != found.code:
        raise Invalid.at("file", OTHER_POLICY)
    return save(key, text, version)


def propose(key: int, version: int | None, effective_from: date | None) -> PolicyDraft:
    """Ask a second person to publish a sound draft from a day on, today or later.

    Raises Invalid for faults of the text or the day, Conflict when it is stale or changes nothing.
    """
    actor = need(PERMISSION)
    if effective_from is None or effective_from < clock.today():
        raise Invalid.at("effective_from", TOO_EARLY)
    with transaction() as session:
        draft = _fetch(session, key, version, "draft")
        _sound(draft, effective_from)
        draft.effective_from, draft.proposed_by = effective_from, actor.account_id
        draft.proposed_at, draft.remark = clock.now(), None
        _move(session, draft, "propose", "proposed")
    return draft


def send_back(key: int, version: int | None, reason: str) -> PolicyDraft:
    """Open what was proposed for changes again, with a reason. Raises Invalid without one."""
    need(PERMISSION)
    if not reason.strip():
        raise Invalid.at("reason", NO_REASON)
    with transaction() as session:
        draft = _fetch(session, key, version, "proposed")
        draft.proposed_by = draft.proposed_at = None
        draft.remark = reason.strip()
        _move(session, draft, "send_back", "draft", reason=draft.remark)
    return draft


def publish(key: int, version: int | None) -> PolicyDraft:
    """Make what somebody else proposed the next edition, in force from its day, or from today
    when that day has passed; until then the edition before it stays in force.

    Raises Forbidden for whoever proposed it or wrote its last change, Invalid when what it extends
    no longer fits, Conflict when it is stale.
    """
    actor = need(PERMISSION)
    with transaction() as session:
        draft = _fetch(session, key, version, "proposed")
        if actor.account_id in (draft.proposed_by, draft.edited_by):
            raise Forbidden("second_person", ALONE)
        day = studio.first_day(draft, None)
        policy = _sound(draft, day)
        texts = studio.texts_of(draft.code, draft.text)
        edition = policies.publish(session, policy, texts, day)
        draft.edition, draft.effective_from = edition.edition, day
        draft.confirmed_by, draft.confirmed_at = actor.account_id, clock.now()
        _move(
            session, draft, "publish", "published", policy=edition_name(draft.code, edition.edition)
        )
    return draft


def discard(key: int, version: int | None) -> PolicyDraft:
    """Give a draft up; its row stays. Raises Conflict when it is stale or closed."""
    need(PERMISSION)
    with transaction() as session:
        draft = _fetch(session, key, version, "draft", "proposed")
        _move(session, draft, "discard", "discarded")
    return draft


def _begun(session: Session, code: str, text: str, actor: Actor | None) -> PolicyDraft:
    if studio.open_draft(code):
        raise Conflict("exists", TAKEN)
    current = studio.standing(code)
    who = actor.account_id if actor else None
    draft = PolicyDraft(
        code=code,
        text=text,
        state="draft",
        base_edition=current.edition if current else None,
        created_by=who,
        edited_by=who,
        edited_at=clock.now(),
    )
    session.add(draft)
    session.flush()
    _record(session, draft, "begin_draft", None)
    return draft


def _fetch(session: Session, key: int, version: int | None, *states: str) -> PolicyDraft:
    draft = session.get(PolicyDraft, key, populate_existing=True, with_for_update=LOCKED)
    if draft is None:
        raise Missing("missing", MISSING)
    if draft.version != version:
        raise Conflict("stale", STALE)
    if draft.state not in states:
        raise Conflict("closed", CLOSED)
    return draft


def _sound(draft: PolicyDraft, on: date) -> Policy:
    policy, faults = studio.inspected(draft.code, draft.text)
    if policy is None:
        raise Invalid.at("text", FAULTY.fill(count=len(faults)))
    for fault in faces.faults(policy):
        raise Invalid.at("text", fault.message)
    if policy.effective_until is not None and policy.effective_until < on:
        raise Invalid.at("effective_from", ENDS_FIRST.fill(day=policy.effective_until))
    before = studio.in_force(draft.code, on)
    if before is not None and before.source == studio.texts_of(draft.code, draft.text).source:
        raise Conflict("unchanged", UNCHANGED)
    return policy


def _move(session: Session, draft: PolicyDraft, verb: str, to: str, **facts: Any) -> None:
    before, draft.state = draft.state, to
    _record(session, draft, verb, before, **facts)


def _record(
    session: Session, draft: PolicyDraft, verb: str, before: str | None, **facts: Any
) -> None:
    session.flush()
    subject = f"policy:{draft.code}"
    given = {"from_state": before, "to_state": draft.state, **facts}
    events.record(session, subject, verb, NATION, **given)


def _code(text: str) -> str:
    code = code_in(text)
    if code is None:
        raise Invalid.at("file", NO_CODE)
    return _sound_code(code)


def _sound_code(code: str) -> str:
    if not CODE.fullmatch(code) or len(code) > LONGEST_CODE:
        raise Invalid.at("code", BAD_CODE)
    return code


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Invalid.at("file", NOT_TEXT) from fault
    _storable(text)
    return text


def _storable(text: str) -> None:
    if len(text) > LONGEST:
        raise Invalid.at("text", TOO_LONG)
    if "\x00" in text:
        raise Invalid.at("text", NOT_TEXT)

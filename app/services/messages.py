"""Telling people: a message in the portal, and promises of text messages and e-mails beyond it."""

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.extensions import PREPARED, db
from app.queries import policies
from app.queries.listing import Page, keyset_page
from app.rules.kinds import Kind
from app.rules.quiet import QuietHours
from app.rules.words import BLANK, Words
from app.scope import Actor, current_actor, scope_of
from app.services import events, outbox
from app.services.bilingual import both, own_language
from app.services.message_texts import TEXTS, blanks_of
from app.services.refusals import Missing
from app.services.verbs import need, transaction
from models.account import Account
from models.application import Application
from models.message import Message, MessageTemplate, Outbox
from models.worker import Worker

CHANNELS_BEYOND = ("sms", "email")


@dataclass(frozen=True)
class Told:
    """One text message or e-mail about an application, as the office sees it.

    `provider` says who took it; `record` is the portal's own book, which sends nothing.
    """

    channel: str
    title: str
    body: str
    state: str
    at: datetime
    provider: str | None


def install(session: Session) -> None:
    """Add the templates that are missing; edited ones stay as they are."""
    known = set(session.scalars(select(MessageTemplate.code)))
    session.add_all(row for row in _seeds() if row.code not in known)


def faults_of_template(code: str, texts: Collection[str]) -> list[str]:
    """The blanks in edited texts that this kind of message cannot fill, for the console."""
    can_fill = blanks_of_template(code)
    return sorted({blank for text in texts for blank in BLANK.findall(text)}.difference(can_fill))


def blanks_of_template(code: str) -> list[str]:
    """The blanks that a template's kind of message fills, in order; KeyError for an unknown one."""
    return sorted(blanks_of(code.partition(".")[0]))


def tell(
    session: Session,
    worker_id: int,
    template_code: str,
    application: Application | None = None,
    channels: Collection[str] | None = None,
    **values: object,
) -> None:
    """Tell a worker, in the transaction of what happened.

    Without `channels` it goes by those that the application's kind has for this message (X-24),
    else to the inbox. The
    inbox gets a Message when the worker has an account in the actor's scope; sms and email become
    promises whose rows keep the text, in the language that the account's holder has chosen, else
    in the portal's first one; a message in the inbox has both. Raises KeyError for an unknown
    template.
    """
    worker = session.get_one(Worker, worker_id)
    kind = _kind_of(application)
    filled = {"name": worker.name, **_about(application, kind), **_worded(values)}
    if channels is None:
        channels = kind.ways_of(template_code) if kind else ("inbox",)
    account_id, language = _account_of(session, worker_id)
    if "inbox" in channels and account_id is not None:
        texts = _texts(session, template_code, "", filled)
        session.add(message(account_id, *texts, application.id if application else None))
    for channel in CHANNELS_BEYOND:
        if channel in channels:
            texts = _texts(session, template_code, channel, filled)
            _promise(session, worker_id, application, channel, language, *texts)


def message(account_id: int | None, title: Words, body: Words, about: int | None = None) -> Message:
    """A message for an account's inbox, perhaps about an application, that reads in either
    language."""
    return Message(
        user_id=account_id,
        title=title.zh,
        body=body.zh,
        title_en=title.en,
        body_en=body.en,
        application_id=about,
    )


def unread() -> int:
    """How many of one's own messages nobody has read yet."""
    return db.session.scalar(_unread(current_actor())) or 0


@lru_cache(maxsize=1024)
def _unread(actor: Actor | None) -> Any:
    """Built once: every page asks for it."""
    query = select(func.count(Message.id)).where(Message.read_at.is_(None))
    return query.options(scope_of(actor)).execution_options(**PREPARED)


def inbox(after: Any = None, before: Any = None, size: int = 25) -> Page:
    """One page of one's own messages, the newest first."""
    return keyset_page(Message, after=after, before=before, size=size)


def read(key: int) -> Message:
    """Open one's own message, which is read from then on; raises Missing for another's."""
    actor = need("messages.read")
    with transaction() as session:
        message = session.get(Message, key, populate_existing=True)
        if message is None:
            raise Missing("missing", _l("There is no such message."))
        if message.read_at is None:
            message.read_at = clock.now()
            events.record(session, f"message:{key}", "read", actor.region_code)
    return message


def told(application_id: int) -> list[Told]:
    """The text messages and e-mails about an application, the oldest first; raises Missing."""
    if db.session.get(Application, application_id) is None:
        raise Missing("missing", _l("There is no such application in your region."))
    prefix = _key_prefix(application_id)
    query = select(Outbox).where(Outbox.key.startswith(prefix, autoescape=True))
    return [
        Told(
            channel=row.job,
            title=row.payload["title"],
            body=row.payload["body"],
            state=row.state,
            at=row.done_at or row.due_at,
            provider=row.payload.get("provider"),
        )
        for row in db.session.scalars(query.order_by(Outbox.id))
    ]


def _seeds() -> Iterator[MessageTemplate]:
    for code, text in TEXTS.items():
        yield _template(code, "inbox", text.title, text.body)
        if text.sms is not None:
            yield _template(f"{code}.sms", "sms", text.title, text.sms)


def _template(code: str, channel: str, title: Words, body: Words) -> MessageTemplate:
    return MessageTemplate(
        code=code,
        channel=channel,
        title_zh=title.zh,
        title_en=title.en,
        body_zh=body.zh,
        body_en=body.en,
    )


def _worded(values: Mapping[str, object]) -> Mapping[str, object]:
    """The values, those that wait for a language in both."""
    return {key: both(v) if isinstance(v, LazyString) else v for key, v in values.items()}


def _kind_of(application: Application | None) -> Kind | None:
    if application is None:
        return None
    policy = policies.policy_of(application.policy_code, application.policy_version)
    return policy.kinds[application.kind]


def _about(application: Application | None, kind: Kind | None) -> Mapping[str, object]:
    if application is None or kind is None:
        return {}
    return {"reference": application.reference, "kind": kind.label}


def _texts(
    session: Session, code: str, channel: str, values: Mapping[str, object]
) -> tuple[Words, Words]:
    """Title and body for a channel: its own template, else the one of the inbox."""
    wanted = (f"{code}.{channel}", code)
    query = select(MessageTemplate).where(MessageTemplate.code.in_(wanted))
    found = {row.code: row for row in session.scalars(query)}
    row = found.get(wanted[0]) or found.get(wanted[1])
    edited = row and (Words(row.title_zh, row.title_en), Words(row.body_zh, row.body_en))
    written = TEXTS[code].title, TEXTS[code].body
    try:
        title, body = (words.fill(**values) for words in edited or written)
    except KeyError:
        # a template edited into one that cannot be filled must not stop the decision it tells of
        title, body = (words.fill(**values) for words in written)
    return title, body


def _account_of(session: Session, worker_id: int) -> tuple[int | None, str]:
    """The worker's account, if there is one in scope, and the locale to write to it in."""
    query = select(Account.id, Account.language).where(Account.worker_id == worker_id)
    found = session.execute(query).one_or_none()
    chosen = found.language if found else None
    return (found.id if found else None), chosen or own_language()


def _promise(
    session: Session,
    worker_id: int,
    application: Application | None,
    channel: str,
    language: str,
    title: Words,
    body: Words,
) -> None:
    """`heading` is the title for the offices, who may read another language than the person."""
    prefix = _key_prefix(application.id if application else 0)
    reference = secrets.token_hex(8)
    kept = {
        "worker_id": worker_id,
        "title": title.in_(language),
        "body": body.in_(language),
        "reference": reference,
        "heading": asdict(title),
    }
    outbox.promise(session, channel, f"{prefix}{reference}", not_before(channel), **kept)


def not_before(channel: str) -> datetime | None:
    """When a text message that is promised now may leave; an e-mail wakes nobody."""
    quiet: QuietHours | None = current_app.config["PORTAL_QUIET_HOURS"]
    if quiet is None or channel != "sms":
        return None
    return quiet.next_allowed(clock.local(clock.real_now()))


def _key_prefix(application_id: int) -> str:
    return f"tell:{application_id}:"

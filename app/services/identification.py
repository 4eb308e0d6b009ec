"""实名认证: who is behind an account was verified, without which nothing is registered (BJ-06)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.extensions import db
from app.rules import identifiers
from app.rules.conditions import age_on
from app.rules.words import Words
from app.services import cases, consents, events, profiles, roster, synced
from app.services.identities import NOT_YOU, Person, linked, providers, worker_of
from app.services.refusals import Forbidden, Invalid
from app.services.verbs import need, transaction

DONE = Words("实名认证成功", "Your identity is verified")
NOT_THE_SAME = Words(
    "姓名或证件号码与社工库中您的信息不一致，请核对后重试，或联系登记机构。",
    "The name or the number is not what the roster says of you. Check them, or ask your office.",
)


def by_papers(values: Mapping[str, Any]) -> None:
    """Verify the person of this account by name and number, as the roster has them (BJ-05).

    Raises Invalid: malformed in its own words, or not those of this account's person.
    """
    actor = need("applications.apply")
    who = roster.identity(dict(values))
    with transaction() as session:
        worker = cases.own_worker(session, actor, lock=True)
        found = roster.find(session, who)
        if found is None or found.worker_id != worker.id:
            raise Invalid.at("id_number", NOT_THE_SAME)
        if not worker.real_name:
            worker.real_name = True
            session.flush()
            events.record(session, f"worker:{worker.id}", "identify", worker.region_code)


def refuse_another(who: Person) -> None:
    """Raise Forbidden for somebody at a provider who is not, by the link and by the number and name
    that the provider says, the person of this account."""
    actor = need("applications.apply")
    link, worker = linked(actor.account_id).get(who.provider), worker_of(db.session(), who)
    same = link is not None and link.subject == who.subject
    if not same or worker is None or worker.id != actor.worker_id:
        raise Forbidden("not_you", NOT_YOU.fill(provider=providers()[who.provider].name))


def fill(who: Person, text: str) -> None:
    """一键授权: take the telephone, and what follows from the number, from the provider, in the
    roster, in personal information and in every draft that asks for it; the consent is kept with
    it (CD-14).

    Raises Forbidden for a person who is not the one of this account.
    """
    actor = need("applications.apply")
    with transaction() as session:
        worker = cases.own_worker(session, actor, lock=True)
        refuse_another(who)
        whose: dict[str, Any] = {"worker_id": worker.id, "region_code": worker.region_code}
        consents.agree(session, "one_click_fill", text, **whose)
        worker.phone = who.phone or worker.phone
        worker.sex = identifiers.sex_of(who.id_number)
        worker.born_on = identifiers.born_on(who.id_number)
        if who.phone:
            profiles.take_phone(session, worker, who.phone)
            _into_drafts(session, worker.id, who.phone)
        session.flush()
        events.record(
            session, f"worker:{worker.id}", "fill", worker.region_code, reason=who.provider
        )


def _into_drafts(session: Session, worker_id: int, phone: str) -> None:
    """The telephone for forms that ask for it themselves, whatever stood there."""
    for draft in synced.drafts_of(session, worker_id):
        kind = cases.terms_of(session, draft).kind
        asks = any(spec.name == "phone" and not spec.locked for spec in kind.fields)
        if asks and not kind.profile and draft.form.get("phone") != phone:
            draft.form = {**draft.form, "phone": phone}
            session.flush()
            cases.record(session, draft, "save", draft.state)


def age(number: str) -> int:
    """The age today that an identity number says."""
    return age_on(identifiers.born_on(number), clock.today())

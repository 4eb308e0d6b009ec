"""实名认证: who is behind an account was verified, without which nothing is registered (BJ-06)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app import clock
from app.rules import identifiers
from app.rules.conditions import age_on
from app.rules.words import Words
from app.services import cases, consents, events, roster
from app.services.identities import NOT_YOU, Person, linked, providers
from app.services.refusals import Forbidden, Invalid
from app.services.verbs import need, transaction
from models.application import Application

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
            raise Invalid(NOT_THE_SAME, {"id_number": NOT_THE_SAME})
        if not worker.real_name:
            worker.real_name = True
            session.flush()
            events.record(session, f"worker:{worker.id}", "identify", worker.region_code)


def fill(who: Person, text: str) -> int:
    """一键授权: take the telephone, and what follows from the number, from the provider, in the
    roster and in every draft; the consent is kept with it (CD-14). Says how many drafts changed.

    Raises Forbidden for a person who is not the one of this account.
    """
    actor = need("applications.apply")
    link = linked(actor.account_id).get(who.provider)
    if link is None or link.subject != who.subject or not who.verified:
        raise Forbidden("not_you", NOT_YOU.fill(provider=providers()[who.provider].name))
    with transaction() as session:
        worker = cases.own_worker(session, actor, lock=True)
        consents.agree(session, worker, "one_click_fill", text)
        worker.phone = who.phone or worker.phone
        worker.sex = identifiers.sex_of(who.id_number)
        worker.born_on = identifiers.born_on(who.id_number)
        drafts = session.scalars(
            select(Application).where(
                Application.worker_id == worker.id, Application.state == "draft"
            )
        ).all()
        for draft in drafts if who.phone else ():
            draft.form = {**draft.form, "phone": who.phone}
            cases.record(session, draft, "save", draft.state)
        session.flush()
        events.record(
            session, f"worker:{worker.id}", "fill", worker.region_code, reason=who.provider
        )
    return len(drafts)


def age(number: str) -> int:
    """The age today that an identity number says."""
    return age_on(identifiers.born_on(number), clock.today())

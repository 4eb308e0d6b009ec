"""What somebody who asked to be put on the roster is answered, at the telephone and the mailbox of
the request (MC-05)."""

from typing import Any

from sqlalchemy.orm import Session

from app.rules.words import Words
from app.scope import as_system
from app.services import gateway, messages, outbox, senders
from app.services.bilingual import own_language
from app.services.jobs import Undeliverable, job
from models.roster_request import RosterRequest

ACCEPTED = (
    Words("反馈已受理", "Your request was accepted"),
    Words(
        "{name}：您反馈的信息已核实并录入社工库，现在可以在登录页点击“注册账号”完成注册。",
        "{name}: your data were checked and are on the roster now. Open your account with "
        "“Register” on the sign-in page.",
    ),
)
REFUSED = (
    Words("反馈未通过", "Your request was not accepted"),
    Words(
        "{name}：您反馈的信息未通过核实，原因：{reason}。请补充后再次反馈，或联系登记机构。",
        "{name}: your request was not accepted: {reason} Send it again with what is missing, or "
        "ask the office.",
    ),
)


def tell(session: Session, row: RosterRequest, text: tuple[Words, Words]) -> None:
    """Promise the answer by text message and, with an address, by e-mail, in the
    language in which it was asked: nobody has an account yet in which to read it."""
    filled = [words.fill(name=row.name, reason=row.reason or "") for words in text]
    title, body = (words.in_(row.language or own_language()) for words in filled)
    for channel in ("sms", "email") if row.email else ("sms",):
        key = f"request:{row.id}:{row.state}:{channel}"
        kept = {"request_id": row.id, "channel": channel, "title": title, "body": body}
        outbox.promise(session, "answer", key, messages.not_before(channel), **kept)


@job("answer", attempts=8)
def send_answer(request_id: int, channel: str, title: str, body: str, **_kept: Any) -> Any:
    """Send a promised answer to the telephone or the mailbox of the request, or write it down where
    no gateway is set; raises Undeliverable when there is no address."""
    if not gateway.offers(channel):
        return senders.record(channel, f"request {request_id}")
    with as_system("a job belongs to nobody") as session:
        row = session.get(RosterRequest, request_id)
        to = None if row is None else row.phone if channel == "sms" else row.email
    if not to:
        raise Undeliverable("no address is on record")
    return gateway.send(to, title, body, f"answer{request_id}{channel}")

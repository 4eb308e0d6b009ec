"""What somebody agreed to: the text, its digest, when and from where."""

from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.queries.standing_texts import standing_text
from app.rules.words import Words
from app.scope import current_actor
from app.services.bilingual import language
from app.services.materials import store
from models.message import Consent

ACCOUNT = Words(
    "我同意为办理社会工作者职业水平证书登记处理我的姓名、证件号码和手机号，用于核对社工库、实名认证和"
    "接收办理结果。",
    "I agree that my name, identity number and telephone are processed to register my social "
    "worker's certificate: to compare them with the roster, to verify who I am and to tell me the "
    "results.",
)
FILL = Words(
    "我授权“{provider}”向本系统提供我的姓名、手机号、身份证号、性别和年龄，用于填写登记信息。",
    "I authorise “{provider}” to give this portal my name, telephone, identity number, sex and age "
    "to fill in my registration.",
)


def shown(text: Words) -> str:
    """A text to agree to as the reader sees it, which is as it is kept."""
    return text.in_(language())


def keep_text(code: str, region_code: str) -> str | None:
    """Keep the text that a statement rests on as the reader sees it; gives the digest of the file,
    which every consent to the same edition shares, or None for a statement that says all itself."""
    text = standing_text(code, region_code)
    return store().put(text.whole(language()).encode()) if text else None


def agree(session: Session, code: str, text: str, address: str | None = None, **whose: Any) -> None:
    """Keep that somebody agreed, in the transaction of what it permits (CD-14).

    `whose` are the columns of the worker, and of the application that it belongs to.
    """
    actor = current_actor()
    session.add(
        Consent(
            **whose,
            code=code,
            text=text,
            digest=sha256(text.encode()).hexdigest(),
            agreed_at=clock.now(),
            address=actor.address if actor else address,
        )
    )

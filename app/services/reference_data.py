"""Keeping reference data: what the console changes, with its event, like everything else."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from app.rules import regions
from app.rules.regions import NATION
from app.services import deadlines, events, messages
from app.services.refusals import Invalid
from app.services.verbs import need, transaction
from models.base import Base
from models.holiday import Holiday
from models.message import MessageTemplate
from models.region import Region

BAD_CODE = _l("A region code has six digits, and its level follows from them.")
BAD_PARENT = _l("The region above has to be an ancestor of the code.")


def keep(row: Base, fill: Callable[[Any], None]) -> Base:
    """Fill a new or a present row of reference data and store it; raises Conflict for a code that
    is taken."""
    need("console.use")
    with transaction() as session:
        session.add(row)
        with session.no_autoflush:
            fill(row)
        verb = "update" if inspect(row).persistent else "create"
        if isinstance(row, Region):
            _check_region(row)
        if isinstance(row, MessageTemplate):
            _check_template(row)
        session.flush()
        key = "-".join(str(part) for part in inspect(row).identity or ())
        made = events.record(session, f"{row.__tablename__}:{key}", verb, NATION)
        if isinstance(row, (Holiday, Region)):
            deadlines.promise(session, f"{made.subject}:{made.seq}")
    return row


def _check_region(region: Region) -> None:
    """A code says its level and its ancestors by its digits; a row that says otherwise would
    break every scope below it. Raises Invalid."""
    code, parent = region.code or "", region.parent_code
    sound = len(code) == 6 and code.isascii() and code.isdigit()
    if not sound or regions.level_of(code) != region.level:
        raise Invalid.at("code", BAD_CODE)
    if parent is not None and parent not in regions.ancestors(code)[1:]:
        raise Invalid.at("parent_code", BAD_PARENT)


def _check_template(row: MessageTemplate) -> None:
    """A blank that nobody fills would send the built-in words instead. Raises Invalid."""
    unknown = messages.faults_of_template(
        row.code, (row.title_zh, row.title_en, row.body_zh, row.body_en)
    )
    if unknown:
        sentence = _l(
            "This message cannot fill %(unknown)s. It knows these blanks: %(known)s.",
            unknown=_in_braces(unknown),
            known=_in_braces(messages.blanks_of_template(row.code)),
        )
        raise Invalid.at("body_zh", sentence)


def _in_braces(names: Iterable[str]) -> str:
    return " ".join(f"{{{name}}}" for name in names)

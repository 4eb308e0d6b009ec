"""Drawing every certificate again whose template has changed: in bulk, beside the portal's work."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.documents.seals import UnusableSeal
from app.documents.typesetting import UnknownTemplate
from app.keys import KeyRefused
from app.scope import as_system
from app.services import renderings
from app.services.unattended import unattended
from models.application import Application
from models.certificate import Certificate
from models.rendering import Rendering

AT_ONCE = 50
"""How many are looked up together; the order within them is drawn by lot."""
WHY = "a change of the template is every certificate's"


@dataclass(frozen=True)
class Redrawn:
    """One certificate that was tried; `fault` is None when its file is as it should be."""

    number: str
    fault: str | None = None


class Redrawing:
    """One round through the register, from a place that is drawn by lot.

    What is left to do is read from the files themselves, so that a round that was cut short is
    continued by the next one. Several at once begin at different places and leave out what
    another has done; two that meet on one certificate leave one file.
    """

    def __init__(self) -> None:
        self._stale = _stale()

    def left(self) -> int:
        """How many certificates are not drawn as their templates say today."""
        with as_system(WHY) as session:
            return session.scalar(_beside(select(func.count(Certificate.id)), self._stale)) or 0

    def round(self) -> Iterator[Redrawn]:
        """Draw what is left, once each, and give each as it is done.

        A certificate that cannot be drawn is promised to the worker, which tells why on its list.
        Raises KeyRefused at once: without a key nothing can be done.
        """
        with as_system(WHY) as session:
            last = session.scalar(select(func.max(Certificate.id))) or 0
        begin = random.randint(0, last)  # noqa: S311 - a place to begin, no secret
        for after, until in ((begin, last), (0, begin)):
            yield from self._between(after, until)

    def _between(self, after: int, until: int) -> Iterator[Redrawn]:
        """Those with a key above `after`, up to `until`."""
        query = _beside(select(Certificate.id, Certificate.number), self._stale)
        while True:
            part = query.where(Certificate.id > after, Certificate.id <= until)
            with as_system(WHY) as session:
                rows = session.execute(part.order_by(Certificate.id).limit(AT_ONCE)).all()
            found = [(row.id, row.number) for row in rows]
            if not found:
                return
            after = found[-1][0]
            random.shuffle(found)
            for key, number in found:
                yield _redrawn(key, number)


def redraw(number: str) -> Redrawn | None:
    """Draw one certificate again in any case; None when there is none of this number."""
    with as_system(WHY) as session:
        key = session.scalar(select(Certificate.id).where(Certificate.number == number))
    return None if key is None else _redrawn(key, number, anew=True)


def _redrawn(key: int, number: str, *, anew: bool = False) -> Redrawn:
    try:
        renderings.render(key, anew=anew)
    except KeyRefused:
        raise
    except Exception as fault:  # noqa: BLE001 - one certificate must not stop the others
        with unattended(WHY) as session:
            renderings.promise_again(session, key)
        return Redrawn(number, f"{type(fault).__name__}: {fault}")
    return Redrawn(number)


def _beside(query: Any, stale: ColumnElement[bool]) -> Any:
    current = and_(Rendering.certificate_id == Certificate.id, Rendering.superseded_at.is_(None))
    of_case = Application.id == Certificate.application_id
    drawn = query.select_from(Certificate).join(Application, of_case)
    return drawn.outerjoin(Rendering, current).where(stale)


def _stale() -> ColumnElement[bool]:
    """Which certificates have no file, one of an earlier design or one of a key that was taken
    out of use."""
    groups = Certificate.template, Application.policy_code, Application.policy_version
    of_case = Application.id == Certificate.application_id
    with as_system(WHY) as session:
        found = session.execute(select(*groups).join(Application, of_case).distinct()).all()
        older = [_older(*group) for group in found]
    withdrawn = Rendering.key_id.not_in(renderings.kids())
    return or_(Rendering.id.is_(None), withdrawn, *older)


def _older(template: str, code: str, version: int) -> ColumnElement[bool]:
    """The files of a template and an edition that are not of today's design; all where that has a
    fault, so that each shows up."""
    edition = Application.policy_code == code, Application.policy_version == version
    mine = and_(Certificate.template == template, *edition)
    try:
        return mine & (Rendering.design != renderings.design(template, code, version))
    except (UnknownTemplate, UnusableSeal):
        return mine

"""Sessions that are over: signing out ends the session itself, and not only this browser's cookie.

The cookie is signed and says who somebody is, so a copy of it would go on until its time is over.
What was signed out of is kept for that long, and asked for with the account (docs/adr/0076).
"""

from datetime import timedelta

from flask import current_app
from sqlalchemy import delete

from app import clock
from app.services.unattended import unattended
from app.services.verbs import transaction
from models.sign_in import EndedSession

UNDER_WAY = timedelta(hours=1)
"""How much longer than a cookie lives: an answer that was being sent may still have renewed it."""


def end(key: str) -> None:
    """End the session of this key, as `Account.new_session` made it, wherever its cookie is."""
    name = key.rpartition(".")[2]
    if name:
        with transaction() as session:
            session.merge(EndedSession(name=name))


def forget_over() -> None:
    """Forget the sessions that no cookie is left of."""
    over = clock.real_now() - current_app.permanent_session_lifetime - UNDER_WAY
    with unattended("their time is over, whoever they were of") as session:
        session.execute(delete(EndedSession).where(EndedSession.ended_at < over))

"""Whether the portal can work right now: its database and its storage."""

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.scope import as_system
from app.storage import FileStore
from models.region import Region


def ready() -> dict[str, bool]:
    """What the portal stands on, and whether each of it answers; the regions come with `init`."""
    files: FileStore = current_app.extensions["files"]
    return {"database": _database(), "storage": files.healthy()}


def _database() -> bool:
    try:
        with as_system("a probe is nobody's") as session:
            return session.scalar(select(Region.code).limit(1)) is not None
    except SQLAlchemyError as fault:
        current_app.logger.error("the database does not answer: %s", type(fault).__name__)
        return False

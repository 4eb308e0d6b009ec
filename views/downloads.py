"""Files that are drawn for one person and kept by no cache on the way, and files for the public."""

from io import BytesIO
from typing import Any

from flask import Response, send_file

from app.documents.attachments import TYPES
from app.services import attachments
from models.attachment import Attached
from views.texts import size

SHOWN = ("application/pdf", "image/jpeg", "image/png")
"""What browsers show by themselves and nothing in it can act; all else is saved."""


def file(content: bytes, media_type: str, name: str, *, attached: bool = False) -> Response:
    """A file as an answer; `attached` saves it instead of showing it."""
    answer = send_file(BytesIO(content), media_type, as_attachment=attached, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"  # send_file has its own idea
    return answer


def attachment(row: Attached, *, shown: bool = False) -> Response:
    """An attached file under its name, saved and not opened within the portal; with `shown` opened
    where that is safe. It is asked for anew every time: it may have been taken back."""
    data, saved = attachments.content(row), not (shown and row.media_type in SHOWN)
    answer = file(data, row.media_type, row.name, attached=saved)
    if saved:
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def told(row: Attached, url: str) -> dict[str, Any]:
    """An attached file as pages show it: its name, what it is, how large, and where it is."""
    return {
        "name": row.name,
        "url": url,
        "kind": TYPES[row.media_type][1],
        "size": size(row.size),
    }

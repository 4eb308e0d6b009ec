"""Files that are drawn for one person and kept by no cache on the way."""

from io import BytesIO

from flask import Response, send_file


def file(content: bytes, media_type: str, name: str, *, attached: bool = False) -> Response:
    """A file as an answer; `attached` saves it instead of showing it."""
    answer = send_file(BytesIO(content), media_type, as_attachment=attached, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"  # send_file has its own idea
    return answer

"""Pictures of applications: served to those who see the application, to nobody else."""

from io import BytesIO
from typing import Any

from flask import Response, send_file, url_for
from flask_appbuilder import BaseView, expose

from app.rules.words import Words
from app.scope import current_actor
from app.services import materials
from models.application import Material
from views.guard import permitted
from views.texts import in_words

SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class Materials(BaseView):
    """One picture."""

    route_base = "/materials"

    @expose("/<int(max=2147483647):key>")
    @permitted("applications.read")
    def one(self, key: int) -> Any:
        """The clean copy as it is stored; a material is never changed, so its owner's browser may
        keep it. At an office every look is a new one."""
        data, media_type = materials.material_bytes(key)
        name = f"material-{key}.{SUFFIXES.get(media_type, 'bin')}"
        answer: Response = send_file(BytesIO(data), media_type, download_name=name)
        actor = current_actor()
        own = actor is not None and actor.worker_id is not None
        kept = "max-age=3600, immutable" if own else "no-store"
        answer.headers["Cache-Control"] = f"private, {kept}"
        answer.headers["Vary"] = "Cookie, Authorization"
        return answer


def as_picture(row: Material) -> dict[str, Any]:
    """A material as pages and their scripts know it."""
    return {
        "url": url_for("Materials.one", key=row.id),
        "name": row.original_name,
        "width": row.width,
        "height": row.height,
        "size": row.size,
        "warnings": [in_words(Words(**text)) for text in row.warnings],
    }

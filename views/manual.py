"""用户操作手册, for anybody who asks (BJ-04)."""

from typing import Any

from flask_appbuilder import BaseView, expose

from app.documents.manual import manual_pdf
from views import downloads
from views.guard import public


class Manual(BaseView):
    """The user manual as PDF."""

    route_base = ""

    @expose("/manual.pdf")
    @public
    def file(self) -> Any:
        """The manual, drawn once."""
        return downloads.file(manual_pdf(), "application/pdf", "manual.pdf")

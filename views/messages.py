"""我的消息: one's own messages, whole, and the word that they have been read."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.services import messages
from models.message import Message
from views.guard import permitted
from views.resource.reading import chosen
from views.texts import moment

PAGE = 25


class Messages(BaseView):
    """One's own messages and nobody else's (BJ-61)."""

    route_base = "/messages"

    @expose("/")
    @permitted("messages.read")
    def inbox(self) -> Any:
        """The newest first, with their whole text; looking changes nothing."""
        page = messages.inbox(request.args.get("after"), request.args.get("before"), PAGE)
        return render_template(
            "account/messages.html",
            messages=[as_line(row) for row in page.rows],
            unread_keys=[row.id for row in page.rows if row.read_at is None],
            read_url=url_for("Messages.read"),
            prev_url=page.before and url_for("Messages.inbox", before=page.before),
            next_url=page.after and url_for("Messages.inbox", after=page.after),
        )

    @expose("/read", methods=["POST"])
    @permitted("messages.read")
    def read(self) -> Any:
        """Mark the named messages as read; at most those of one page."""
        for key in chosen(PAGE):
            messages.read(key)
        return redirect(url_for("Messages.inbox"))


def as_line(row: Message) -> dict[str, Any]:
    """A message as a list shows it, with the way to the case that it is about."""
    return {
        "title": row.heading,
        "text": row.text,
        "at": moment(row.created_at),
        "unread": row.read_at is None,
        "url": url_for("Cases.one", key=row.application_id) if row.application_id else None,
        "link_label": _("Open the application"),
    }

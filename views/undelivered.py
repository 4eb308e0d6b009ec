"""Messages not delivered: the worklist of texts that nobody got."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.services import undelivered
from models.codes import CHANNELS
from views.guard import permitted
from views.resource.reading import chosen
from views.texts import moment


class Undelivered(BaseView):
    """To whom, what and why; once more, or done in another way."""

    route_base = "/messages/undelivered"

    @expose("/")
    @permitted(undelivered.PERMISSION)
    def worklist(self) -> Any:
        """What was given up, to the people of one's own region."""
        found = undelivered.worklist()
        labels = (_("Name"), _("Channel"), _("Message"), _("Reason"), _("Attempts"), _("Given up"))
        actions = (
            {"name": "again", "label": _("Send again")},
            {"name": "settle", "label": _("Told in another way")},
        )
        return render_template(
            "resource/list.html",
            title=_("Messages not delivered"),
            note=_(
                "Text messages and e-mails that the portal gave up. Each stands in the person's "
                "inbox too; telephone those for whom it matters."
            ),
            columns=[{"label": label} for label in labels],
            rows=[_row(one) for one in found],
            actions=actions if found else [],
            action_url=url_for("Undelivered.act"),
            count_text=str(len(found)),
            empty_text=_("Every message has reached its gateway."),
        )

    @expose("/act", methods=["POST"])
    @permitted(undelivered.PERMISSION)
    def act(self) -> Any:
        """Send the chosen ones again, or take them off the list."""
        keys = chosen()
        if not keys:
            flash(_("Choose at least one record."), "warning")
        elif request.form.get("action") == "settle":
            flash(_("Taken off the list: %(count)s.", count=undelivered.settle(keys)), "success")
        else:
            again = undelivered.again(keys)
            flash(_("To be sent again within a minute: %(count)s.", count=again), "success")
        return redirect(url_for("Undelivered.worklist"))


def _row(one: undelivered.Undelivered) -> dict[str, Any]:
    worker = one.worker
    return {
        "id": one.key,
        "url": url_for("WorkerScreens.show", pk=worker.id),
        "cells": [
            worker.name,
            CHANNELS[one.channel],
            one.title,
            one.reason,
            one.attempts,
            moment(one.at),
        ],
    }

"""Files not drawn: the worklist of certificates whose file could not be made."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.services import undrawn
from app.services.undrawn import Undrawn
from views.guard import permitted
from views.markup import Cell
from views.resource.reading import chosen
from views.texts import moment

AT_ONCE = 20
"""How many are tried while somebody waits for the page."""


class UndrawnFiles(BaseView):
    """What failed, why, and once more."""

    route_base = "/certificates/undrawn"

    @expose("/")
    @permitted(undrawn.PERMISSION)
    def worklist(self) -> Any:
        """The certificates of one's region without a file, with the reason of the last try."""
        found = undrawn.worklist()
        labels = (_("Certificate number"), _("Name"), _("Reason"), _("Attempts"), _("Next try"))
        return render_template(
            "resource/list.html",
            title=_("Files not drawn"),
            note=_(
                "Certificates that are issued and valid, but whose signed file could not be made. "
                "The portal tries again by itself, at least once an hour."
            ),
            columns=[{"label": label} for label in labels],
            rows=[_row(one) for one in found],
            actions=[{"name": "again", "label": _("Try again now")}] if found else [],
            action_url=url_for("UndrawnFiles.again"),
            count_text=str(len(found)),
            empty_text=_("Every certificate has its file."),
        )

    @expose("/again", methods=["POST"])
    @permitted(undrawn.PERMISSION)
    def again(self) -> Any:
        """Try the chosen ones once more."""
        keys = chosen(AT_ONCE)
        if not keys:
            flash(_("Choose at least one record."), "warning")
            return redirect(url_for("UndrawnFiles.worklist"))
        drawn, tried = undrawn.again(keys)
        if drawn == tried:
            flash(_("Drawn and signed: %(count)s.", count=drawn), "success")
        else:
            text = _(
                "%(drawn)s of %(tried)s drawn; the reason stands below.", drawn=drawn, tried=tried
            )
            flash(text, "warning")
        return redirect(url_for("UndrawnFiles.worklist"))


def _row(one: Undrawn) -> dict[str, Any]:
    certificate = one.certificate
    return {
        "id": certificate.id,
        "url": url_for("CertificateScreens.show", pk=certificate.id),
        "cells": [
            certificate.number,
            certificate.name,
            Cell(one.reason, one.detail),
            one.attempts,
            moment(one.next_at),
        ],
    }

"""电子证书查询: the certificate to download, or the way to one (CD-05)."""

from collections.abc import Iterator
from typing import Any

from flask import abort, render_template, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.queries import own
from app.queries.facts import Assessment, assessment
from app.rules.words import Words
from app.rules.workflow import IN_FLIGHT
from app.services import certificates
from app.services.verdicts import VERDICTS
from views import cases
from views.guard import permitted

COMPLETES = "no_certificate_here"
"""The rule of kinds that bring the certificate of an earlier registration into the portal:
完善信息, 更换电子证."""
NONE_YET = Words(
    "若您还未获得电子登记证书, 则可根据情况, 点击【{first}】或【{renewal}】进行证书登记。",
    "If you have no electronic certificate yet, open “{first}” or “{renewal}”, as the case may be.",
)
BRINGS = Words(
    "您已办理登记，还没有本系统的电子登记证书。完善信息并经审核后，可下载电子登记证书。",
    "You are registered and have no electronic certificate of this portal yet. Complete your data; "
    "once it is approved you can download it.",
)


class MyCertificates(BaseView):
    """One's own electronic certificate, in three branches."""

    route_base = "/my-certificate"

    @expose("/")
    @permitted("applications.apply")
    def index(self) -> Any:
        """The newest that is valid (CD-43); else what completes one's data (CD-44); else the kinds
        by which one registers (CD-46)."""
        held = own.holdings()
        shown = {"crumbs": _crumbs()}
        valid = [one for one in held if one.certificate.state == "valid"]
        if valid:
            newest = max(valid, key=lambda one: one.certificate.valid_until)
            others = [one for one in held if one is not newest]
            found = {"newest": as_card(newest), "others": [as_card(one) for one in others]}
            return render_template("applicant/certificate.html", **shown, **found)
        branch = _without(assessment(own.worker() or abort(403)))
        former = [as_card(one) for one in held]
        return render_template("applicant/certificate.html", **shown, **branch, others=former)


def as_card(held: own.Holding) -> dict[str, Any]:
    """A certificate with its files."""
    row = held.certificate
    standing = VERDICTS[certificates.standing(row)]
    return {
        "number": row.number,
        "tag": standing.title,
        "tone": standing.tone,
        "pairs": [
            (_("Certificate number"), row.number),
            (_("Date of issue"), row.issued_on),
            (_("Valid until"), row.valid_until),
            (_("Authority"), row.authority),
        ],
        "photo_url": url_for("Materials.one", key=held.portrait.id) if held.portrait else None,
        "actions": [
            {"label": label, "url": url, "tone": "primary" if first else "plain"}
            for first, (label, url) in zip((True, False), cases.files_of(row.number), strict=True)
        ],
        "check_url": url_for("Verification.answer", number=row.number),
    }


def _without(found: Assessment) -> dict[str, Any]:
    """What leads to a certificate: the case under way, what completes it, else registering."""
    busy = next((one for one in own.applications() if one.state in IN_FLIGHT), None)
    if busy is not None:
        url = url_for("Cases.one", key=busy.id)
        return {
            "text": _("Your application is under review. Its certificate appears here."),
            "actions": [{"label": _("Details"), "url": url, "tone": "primary"}],
        }
    kinds = found.policy.kinds
    completing = [k for k in kinds.values() if k.asks(COMPLETES) and found.eligible(k.code)]
    if completing:
        return {"text": BRINGS, "actions": [_start(kind.code, kind.label) for kind in completing]}
    return {"text": _invites(found), "actions": list(_registering(found))}


def _invites(found: Assessment) -> Words:
    kinds = found.policy.kinds
    labels = {code: kinds[code].label for code in ("first", "renewal") if code in kinds}
    if len(labels) == 2:
        return NONE_YET.fill(**labels)
    return Words("您还没有电子登记证书。", "You have no electronic certificate yet.")


def _registering(found: Assessment) -> Iterator[dict[str, Any]]:
    for code in ("first", "renewal"):
        if code in found.policy.kinds:
            yield _start(code, found.policy.kinds[code].label)


def _start(kind: str, label: Words) -> dict[str, Any]:
    return {"label": label, "url": url_for("Apply.start", kind=kind), "tone": "primary"}


def _crumbs() -> list[tuple[Any, Any]]:
    return [(_("Personal centre"), url_for("Centre.index")), (_("My certificate"), None)]

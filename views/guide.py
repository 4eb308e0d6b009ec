"""The guide to one kind: what it is, who may, how it goes, and the form to print (CD-10, CD-11)."""

from typing import Any

from flask import abort, render_template, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app import clock
from app.queries import own, published
from app.queries.facts import assessment
from app.rules.kinds import Kind
from app.rules.policy import Policy
from app.services.blank_forms import blank_form
from models.publication import Document
from views import downloads, entries
from views.guard import public
from views.publications import files_of
from views.texts import in_words


class Guide(BaseView):
    """Read before one applies, signed in or not."""

    route_base = "/guide"

    @expose("/<code>/<kind>")
    @public
    def kind(self, code: str, kind: str) -> Any:
        """基本信息、申请条件、办理流程、办事附件."""
        policy, current = _published(code, kind)
        shown = entries.explained(policy, kind, clock.today())
        return render_template(
            "applicant/guide.html",
            title=current.label,
            policy=policy,
            findings=_own_findings(policy, kind),
            form_title=current.form_title,
            form_url=url_for("Guide.form", code=code, kind=kind),
            files=_files(policy),
            edition=_("Edition %(number)s", number=policy.version),
            apply_url=shown["url"],
            guides_url=url_for("Home.guide"),
            **shown,
        )

    @expose("/<code>/<kind>/form.pdf")
    @public
    def form(self, code: str, kind: str) -> Any:
        """The empty form of the policy in force."""
        policy, current = _published(code, kind)
        name = f"{in_words(current.form_title)}-{policy.code}-{policy.version}.pdf"
        return downloads.file(blank_form(policy, current), "application/pdf", name)


def _published(code: str, kind: str) -> tuple[Policy, Kind]:
    """The policy in force of this name and its kind today, or there is nothing here."""
    found = (one for one in published.policies(None) if one.code == code)
    policy = next(found, None) or abort(404)
    if kind not in policy.kinds:
        abort(404)
    return policy, policy.kind_on(kind, clock.today())


def _files(policy: Policy) -> list[dict[str, Any]]:
    """The forms and the material that the region of the policy has published (CD-10, HN-08)."""
    rows = published.documents("form", policy.region_code).rows
    return files_of(Document, [row.id for row in rows])


def _own_findings(policy: Policy, kind: str) -> Any:
    """What the rules say to the person who reads, where this policy is theirs."""
    person = own.worker()
    found = assessment(person, kinds=[kind]) if person else None
    return found.of(kind) if found and found.policy.code == policy.code else ()

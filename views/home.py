"""The first page of the portal, the guide to registration, and where a sign-in leads."""

from collections.abc import Iterable
from typing import Any

from flask import redirect, render_template, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app import clock
from app.queries import own, published
from app.queries.facts import Assessment, assessment
from app.rules.policy import Policy
from app.rules.regions import NATION
from app.scope import Actor, current_actor
from views import entries
from views.guard import public, signed_in
from views.publications import noticed, region_of_visitor

NOTICES = 5

# where work begins for an office: the first of these that its role permits
DESKS = (
    ("applications.decide", "Review.queue"),
    ("accounts.manage", "WorkerScreens.browse"),
    ("events.read", "Audit.log"),
)


class Home(BaseView):
    """What everybody sees first."""

    route_base = ""
    default_view = "index"

    @expose("/")
    @public
    def index(self) -> Any:
        """What is open and until when, the entries, news, and the check of a certificate."""
        region, me = region_of_visitor(), own.person()
        found = assessment(me.worker) if me else None
        policies = [found.policy] if found else published.policies(region)
        listed = entries.of_person(found, own.applications(), me.profile) if me and found else None
        sheet = published.notices(region)
        return render_template(
            "public/home.html",
            heading=_("Certificate registration"),
            guide_url=url_for("Home.guide"),
            apply_url=url_for("Home.start"),
            areas=[_area(policy, listed, len(policies) > 1) for policy in policies],
            countdown=found.countdown if found else None,
            notices=noticed(sheet.rows[:NOTICES]),
            notices_url=url_for("Notices.all"),
            verify_url=url_for("Verification.ask"),
            offices=published.contacts(region)[:3],
            help_url=url_for("Help.contacts"),
        )

    @expose("/guide")
    @public
    def guide(self) -> Any:
        """登记指南: how it goes and what to have ready, for every kind there is (BJ-15)."""
        person = own.worker()
        found = assessment(person) if person else None
        policies = [found.policy] if found else published.policies(region_of_visitor())
        return render_template(
            "public/guide.html",
            apply_url=url_for("Home.start"),
            areas=[
                {
                    "title": policy.title if len(policies) > 1 else None,
                    "kinds": [_explained(policy, kind, found) for kind in policy.kinds],
                }
                for policy in policies
            ],
        )

    @expose("/start")
    @signed_in
    def start(self) -> Any:
        """Where a person's work begins: the personal centre, the queue, the records (BJ-12)."""
        actor = current_actor()
        assert actor is not None
        return redirect(url_for(_desk(actor)))


def _desk(actor: Actor) -> str:
    if actor.worker_id is not None:
        return "Centre.index"
    if actor.region_code == NATION and actor.may("accounts.manage"):
        return "AccountScreens.browse"
    return next((view for permission, view in DESKS if actor.may(permission)), "Home.index")


def _area(policy: Policy, listed: Iterable[dict[str, Any]] | None, named: bool) -> dict[str, Any]:
    today = clock.today()
    return {
        "title": policy.region_name if named else None,
        "windows": list(entries.open_windows(policy, today)),
        "entries": list(listed or entries.of_policy(policy, today)),
    }


def _explained(policy: Policy, kind: str, found: Assessment | None) -> dict[str, Any]:
    findings = [finding.message for finding in found.of(kind)] if found else []
    return {**entries.explained(policy, kind, clock.today()), "findings": findings}

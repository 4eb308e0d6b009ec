"""The table of contents of the portal: every generated resource, every custom screen, the console's tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.queries.listing import Order
from app.scope import Actor
from app.services import accounts, deliveries, publications
from models.account import Account
from models.application import Application, Decision, Submission
from models.certificate import Certificate, Delivery
from models.credit import Credit
from models.event import Event
from models.message import Message, MessageTemplate
from models.organization import Organization
from models.policy import Dictionary, Policy
from models.publication import Contact, Document, Notice, Window
from models.qualification import Qualification
from models.region import Region
from models.registration import Registration
from models.worker import Worker
from views import (
    account,
    account_admin,
    api,
    apply,
    certificates,
    files,
    home,
    lookup,
    messages,
    openapi,
    post,
    reference,
    review,
)
from views.resource.declaration import Action, Resource

KEEP = "add edit remove"


def _publishing(name: str) -> tuple[Action, ...]:
    permission = f"{name}.publish"
    model = {"windows": Window, "notices": Notice, "documents": Document, "contacts": Contact}[name]
    return (
        Action(
            "propose",
            _l("Propose"),
            lambda key: publications.propose(model, key),
            permission,
            _l("Ask a second person to confirm it?"),
            when=lambda row: row.state == "draft",
        ),
        Action(
            "confirm",
            _l("Confirm and publish"),
            lambda key: publications.confirm(model, key),
            permission,
            _l("Publish it to everybody below your office?"),
            "primary",
            when=lambda row: row.state == "proposed",
        ),
        Action(
            "retract",
            _l("Take back"),
            lambda key: publications.retract(model, key),
            permission,
            _l("Take it back to a draft?"),
            when=lambda row: row.state != "draft",
        ),
    )


RESOURCES: tuple[Resource, ...] = (
    Resource(
        "workers",
        Worker,
        _l("Social workers"),
        _l("Social worker"),
        ("name", "id_number_masked", "sex", "phone", "unit_name", "region_code"),
        KEEP,
    ),
    Resource(
        "qualifications",
        Qualification,
        _l("Qualifications"),
        _l("Qualification"),
        ("management_number", "worker_id", "level", "exam_year", "verified", "region_code"),
        KEEP,
    ),
    Resource(
        "registrations",
        Registration,
        _l("Registrations"),
        _l("Registration"),
        ("worker_id", "kind", "cycle_year", "level", "registered_on", "valid_until", "state"),
    ),
    Resource(
        "certificates",
        Certificate,
        _l("Certificates"),
        _l("Certificate"),
        ("number", "name", "level", "issued_on", "valid_until", "state"),
        links=certificates.links,
    ),
    Resource(
        "applications",
        Application,
        _l("Applications"),
        _l("Application"),
        ("reference", "worker_id", "kind", "level", "region_code", "submitted_at", "state"),
        links=review.links,
    ),
    Resource(
        "submissions",
        Submission,
        _l("Submissions"),
        _l("Submission"),
        ("application_id", "turn", "attempt", "submitted_at"),
        screens=False,
    ),
    Resource(
        "decisions",
        Decision,
        _l("Decisions"),
        _l("Decision"),
        ("application_id", "stage", "verdict", "reason", "decided_at"),
        screens=False,
    ),
    Resource(
        "credits",
        Credit,
        _l("Credits"),
        _l("Credit"),
        ("title", "worker_id", "taken_on", "hours", "source", "state"),
        KEEP,
    ),
    Resource(
        "organizations",
        Organization,
        _l("Organizations"),
        _l("Organization"),
        ("name", "kind", "credit_code", "region_code", "active"),
        KEEP,
    ),
    Resource(
        "windows",
        Window,
        _l("Registration windows"),
        _l("Registration window"),
        ("title", "kinds", "opens_on", "closes_on", "region_code", "state"),
        KEEP,
        actions=_publishing("windows"),
    ),
    Resource(
        "notices",
        Notice,
        _l("Notices"),
        _l("Notice"),
        ("title", "issuer", "issued_on", "region_code", "state"),
        KEEP,
        Order("issued_on"),
        _publishing("notices"),
    ),
    Resource(
        "documents",
        Document,
        _l("Policy documents"),
        _l("Policy document"),
        ("title", "edition", "issued_on", "region_code", "state"),
        KEEP,
        Order("issued_on"),
        _publishing("documents"),
    ),
    Resource(
        "contacts",
        Contact,
        _l("Contacts"),
        _l("Contact"),
        ("title", "person", "telephone", "subject", "region_code", "state"),
        KEEP,
        actions=_publishing("contacts"),
    ),
    Resource(
        "deliveries",
        Delivery,
        _l("Deliveries"),
        _l("Delivery"),
        ("certificate_number", "recipient", "method", "tracking_number", "sent_at", "state"),
        "edit",
        links=post.links,
    ),
    Resource(
        "accounts",
        Account,
        _l("Accounts"),
        _l("Account"),
        actions=account_admin.ACTIONS,
        links=account_admin.links,
    ),
    Resource(
        "events",
        Event,
        _l("Audit log"),
        _l("Event"),
        ("created_at", "subject", "verb", "actor_role", "region_code", "to_state"),
    ),
    Resource("regions", Region, _l("Regions"), _l("Region"), ("name", "level")),
)

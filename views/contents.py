"""The table of contents of the portal: every generated resource, every custom screen."""

from flask_babel import lazy_gettext as _l

from app.queries.listing import Order
from models.account import Account
from models.amendment import Amendment
from models.application import Application, Decision, Submission
from models.certificate import Certificate, Delivery, Measure
from models.credit import Credit
from models.organization import Organization
from models.publication import Contact, Document, Notice, Window
from models.qualification import Qualification
from models.region import Region
from models.registration import Registration
from models.roster_request import RosterRequest
from models.worker import Worker
from views.account import Password
from views.account_admin import ACTIONS as ACCOUNT_ACTIONS
from views.account_admin import AccountAdmin
from views.account_admin import links as account_links
from views.account_admin import list_links as account_list_links
from views.amendments import ACTIONS as AMENDMENT_ACTIONS
from views.amendments import Amendments, to_registration
from views.amendments import links as registration_links
from views.api import CaseApi
from views.apply import Apply
from views.audit import EVENTS, Audit
from views.batches import Batches
from views.cases import Cases
from views.centre import Centre
from views.certificates import CertificateFiles
from views.certificates import links as certificate_links
from views.checking import Checking
from views.codes import CodeSignIn, Recovery
from views.colleagues import Colleagues
from views.corrections import Corrections
from views.earlier import EarlierStep
from views.filling import Filling
from views.guide import Guide
from views.health import Health
from views.holding import Holding
from views.identity import Identity
from views.joining import Joining
from views.lookup import Lookup
from views.manual import Manual
from views.measures import ACTIONS as MEASURE_ACTIONS
from views.measures import Measures
from views.messages import Messages
from views.my_certificates import MyCertificates
from views.offline import Offline
from views.openapi import ApiDocument
from views.own_account import OwnAccount
from views.own_data import OwnData
from views.pictures import Materials
from views.post import Post
from views.post import links as delivery_links
from views.post import list_links as delivery_list_links
from views.profile import Personal
from views.publications import (
    Documents,
    Downloads,
    Education,
    Help,
    Notices,
    Projects,
    StandingTexts,
)
from views.publishing import publishing
from views.rechecks import Rechecks
from views.records import Records
from views.reference import Reference
from views.resource.declaration import Resource
from views.review import Review
from views.review import links as application_links
from views.roster_requests import RosterRequests
from views.roster_requests import links as roster_request_links
from views.simulator import Simulator
from views.statistics import DUE, Statistics
from views.undelivered import Undelivered
from views.undrawn import UndrawnFiles
from views.verification import CertificateStatus, Verification
from views.verification_lists import NumberLists

KEEP = "add edit remove"
ALL = f"{KEEP} import"

RESOURCES: tuple[Resource, ...] = (
    Resource(
        "workers",
        Worker,
        _l("Social workers"),
        _l("Social worker"),
        ("name", "id_number_masked", "sex", "phone", "unit_name", "region_code"),
        ALL,
    ),
    Resource(
        "qualifications",
        Qualification,
        _l("Qualifications"),
        _l("Qualification"),
        ("management_number", "worker_id", "level", "exam_year", "verified", "region_code"),
        ALL,
    ),
    Resource(
        "registrations",
        Registration,
        _l("Registrations"),
        _l("Registration"),
        ("worker_id", "kind", "cycle_year", "level", "registered_on", "valid_until", "state"),
        "import",
        links=registration_links,
    ),
    Resource(
        "amendments",
        Amendment,
        _l("Corrections of registrations"),
        _l("Correction of a registration"),
        ("name", "changes", "note", "created_at", "state"),
        order=Order("id"),
        actions=AMENDMENT_ACTIONS,
        links=to_registration,
    ),
    Resource(
        "certificates",
        Certificate,
        _l("Certificates"),
        _l("Certificate"),
        ("number", "name", "level", "issued_on", "valid_until", "state"),
        links=certificate_links,
    ),
    Resource(
        "measures",
        Measure,
        _l("Measures on certificates"),
        _l("Measure on a certificate"),
        ("certificate_number", "name", "act", "reason_code", "created_at", "state"),
        order=Order("id"),
        actions=MEASURE_ACTIONS,
    ),
    Resource(
        "applications",
        Application,
        _l("Applications"),
        _l("Application"),
        ("reference", "worker_id", "kind", "level", "region_code", "submitted_at", "state"),
        links=application_links,
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
        ALL,
    ),
    Resource(
        "organizations",
        Organization,
        _l("Organizations"),
        _l("Organization"),
        ("name", "kind", "credit_code", "region_code", "active"),
        ALL,
    ),
    Resource(
        "windows",
        Window,
        _l("Registration windows"),
        _l("Registration window"),
        ("title", "kinds", "opens_on", "closes_on", "region_code", "state"),
        KEEP,
        actions=publishing("windows", Window),
    ),
    Resource(
        "notices",
        Notice,
        _l("Notices"),
        _l("Notice"),
        ("title", "issuer", "issued_on", "region_code", "state"),
        KEEP,
        Order("issued_on"),
        publishing("notices", Notice),
    ),
    Resource(
        "documents",
        Document,
        _l("Documents"),
        _l("Document"),
        ("title", "module", "edition", "issued_on", "region_code", "state"),
        KEEP,
        Order("issued_on"),
        publishing("documents", Document),
    ),
    Resource(
        "contacts",
        Contact,
        _l("Contacts"),
        _l("Contact"),
        ("title", "person", "telephone", "subject", "region_code", "state"),
        KEEP,
        actions=publishing("contacts", Contact),
    ),
    Resource(
        "deliveries",
        Delivery,
        _l("Deliveries"),
        _l("Consignment"),
        ("certificate_number", "recipient", "method", "tracking_number", "sent_at", "state"),
        "edit",
        links=delivery_links,
        list_links=delivery_list_links,
    ),
    Resource(
        "accounts",
        Account,
        _l("Accounts"),
        _l("Account"),
        ("username", "last_name", "role", "region_code", "active", "locked_until"),
        actions=ACCOUNT_ACTIONS,
        links=account_links,
        list_links=account_list_links,
    ),
    Resource(
        "roster_requests",
        RosterRequest,
        _l("Roster requests"),
        _l("Roster request"),
        ("name", "id_number_masked", "level", "management_number", "region_code", "state"),
        links=roster_request_links,
    ),
    DUE,
    EVENTS,
    Resource("regions", Region, _l("Regions"), _l("Region"), ("name", "level")),
)

SCREENS = (
    Notices,
    Documents,
    Downloads,
    Education,
    Projects,
    StandingTexts,
    Help,
    NumberLists,
    Offline,
    Verification,
    Centre,
    Personal,
    Apply,
    EarlierStep,
    Guide,
    Filling,
    Checking,
    Cases,
    Records,
    OwnData,
    MyCertificates,
    Corrections,
    Materials,
    CertificateFiles,
    Holding,
    Measures,
    Amendments,
    Review,
    Batches,
    Rechecks,
    Colleagues,
    Simulator,
    Statistics,
    Post,
    UndrawnFiles,
    Undelivered,
    Messages,
    Password,
    OwnAccount,
    CodeSignIn,
    Recovery,
    Identity,
    Joining,
    Manual,
    RosterRequests,
    AccountAdmin,
    Audit,
    Lookup,
    Reference,
    ApiDocument,
    Health,
)
APIS = (CaseApi, CertificateStatus)

"""The menus: what the navigation offers to everybody, to applicants and to offices."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from views.audit import EVENTS
from views.contents import RESOURCES


@dataclass(frozen=True)
class Menu:
    """One entry of the navigation and the permission without which it is not shown."""

    label: Any
    endpoint: str | None = None
    permission: str | None = None
    children: tuple["Menu", ...] = ()


def _generated(*names: str) -> tuple[Menu, ...]:
    chosen = {resource.name: resource for resource in RESOURCES}
    return tuple(
        Menu(chosen[n].label, f"{chosen[n].model.__name__}Screens.browse", f"{n}.read")
        for n in names
    )


# what everybody sees, and an applicant nothing else (BJ-01)
PUBLIC_MENU: tuple[Menu, ...] = (
    Menu(_l("Home"), "Home.index"),
    Menu(_l("Notices"), "Notices.all"),
    Menu(_l("Policy documents"), "Documents.all"),
    Menu(_l("Education"), "Education.all"),
    Menu(_l("Projects"), "Projects.all"),
    Menu(_l("Personal centre"), "Centre.index"),
)
OFFICE_MENU: tuple[Menu, ...] = (
    Menu(_l("Review"), "Review.queue", "applications.decide"),
    Menu(_l("Re-checks"), "Rechecks.worklist", "rechecks.read"),
    Menu(
        _l("Records"),
        children=(
            *_generated("workers", "qualifications", "registrations", "credits", "organizations"),
            *_generated("roster_requests", "amendments"),
            Menu(_l("Requests for correction"), "Corrections.worklist", "corrections.settle"),
        ),
    ),
    Menu(
        _l("Cases"), children=_generated("applications", "certificates", "measures", "deliveries")
    ),
    Menu(
        _l("Figures"),
        children=(
            Menu(_l("Progress of registration"), "Statistics.index", "statistics.read"),
            *_generated("due"),
        ),
    ),
    Menu(_l("Publishing"), children=_generated("windows", "notices", "documents", "contacts")),
    Menu(
        _l("Administration"),
        children=(
            *_generated("accounts"),
            Menu(_l("Quality of review"), "Rechecks.figures", "rechecks.report"),
            Menu(EVENTS.label, "Audit.log", "events.read"),
            Menu(_l("Files not drawn"), "UndrawnFiles.worklist", "certificates.redraw"),
            Menu(_l("Messages not delivered"), "Undelivered.worklist", "messages.deliver"),
            *_generated("regions"),
            Menu(_l("Who would review"), "Simulator.ask", "simulator.ask"),
            Menu(_l("Absence and hand-over"), "Colleagues.arrange", "colleagues.arrange"),
            Menu(_l("Data model"), "Reference.models", "reference.read"),
            Menu(_l("Console"), "console.index", "console.use"),
        ),
    ),
)


def navigation(permissions: Collection[str]) -> Iterator[Menu]:
    """The menu of an office: what the roles permit, groups that would be empty left out."""
    for entry in OFFICE_MENU:
        if entry.endpoint and (entry.permission is None or entry.permission in permissions):
            yield entry
        children = tuple(
            c for c in entry.children if c.permission is None or c.permission in permissions
        )
        if children:
            yield Menu(entry.label, entry.endpoint, entry.permission, children)

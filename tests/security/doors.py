"""Every route of the running application, with an address that leads to a row and what it asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from werkzeug.routing import Rule

from app.security import PERMISSIONS
from tests.security.conftest import Scene
from views.contents import RESOURCES
from views.guard import permission_of
from views.resource import rest, screens

BY_VIEW = {f"{r.model.__name__}Screens": r.name for r in RESOURCES} | {
    f"{r.model.__name__}Api": r.name for r in RESOURCES
}
# views that are not generated, and the resource whose row their address names
ROWS = {
    "AccountAdmin": "accounts",
    "Apply": "applications",
    "CaseApi": "applications",
    "Cases": "applications",
    "Checking": "applications",
    "CertificateFiles": "certificates",
    "Documents": "documents",
    "Filling": "applications",
    "Holding": "certificates",
    "Materials": "materials",
    "Measures": "certificates",
    "Notices": "notices",
    "Post": "deliveries",
    "Review": "applications",
    "RosterRequests": "roster_requests",
}
OTHERS = {
    "act": "revoke",
    "batch": "none",
    "credit": 1,
    "code": "beijing",
    "subject": "worker:1",
    "slot": "photo",
    "kind": "first",
    "part": "honor",
    "material": 1,
    "table": "worker",
    "version": "v1",
    "provider": "nobody",
    "picture": 0,
    "file": 1,
}
FRAMEWORK = {"UtilView.back", "LocaleView.index", "MenuApi.get_menu_data"}
"""What FAB adds and we have no use for: nobody declared it, so nobody gets through."""


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    endpoint: str
    method: str
    url: str

    @property
    def asks(self) -> str | None:
        """The permission, "public", "signed in", or None when nobody declared the route."""
        if self.endpoint in FRAMEWORK:
            return None
        asked = permission_of(self.endpoint)
        return _generated(self.endpoint) if asked == "generated" else asked

    def opens(self, permissions: frozenset[str] | None) -> bool:
        """Whether it should open to somebody with these permissions; None is nobody at all."""
        asked = self.asks
        if asked == "public":
            return True
        if asked is None or permissions is None:
            return False
        return asked == "signed in" or asked in permissions


def _generated(endpoint: str) -> str | None:
    view, _, method = endpoint.partition(".")
    needs = screens.NEEDS if view.endswith("Screens") else rest.NEEDS
    resource = BY_VIEW.get(view)
    return f"{resource}.{needs[method]}" if resource else None


def doors(scene: Scene) -> Iterator[Door]:
    """Every method of every route but the files of the look; signing out comes last."""
    rules = sorted(
        current_app.url_map.iter_rules(), key=lambda r: (r.endpoint == "SignIn.logout", str(r))
    )
    with current_app.test_request_context():
        for rule in rules:
            if not rule.endpoint.endswith("static"):
                url = url_for(rule.endpoint, **_arguments(rule, scene))
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield Door(rule.endpoint, method, url)


def _arguments(rule: Rule, scene: Scene) -> dict[str, Any]:
    known = OTHERS | {"export_type": "csv", "locale": "en"}
    view = rule.endpoint.partition(".")[0]
    name = BY_VIEW.get(view) or ROWS.get(view)
    key = 110000 if name == "regions" else scene.own.id(name) if name else 1
    number = scene.own.rows["certificates"].number
    return {a: {"number": number, "pk": key, "key": key, **known}[a] for a in rule.arguments}


assert set(PERMISSIONS) >= set(BY_VIEW.values()), "a resource without permissions opens to nobody"

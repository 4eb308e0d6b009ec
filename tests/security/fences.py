"""What attacks on the fence between two counties have in common.

An attack tells for each thing that it tried whether it reached it. With the scope in place it
reaches nothing; without the scope it reaches everything, which proves that the attack works.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from tests.security.conftest import Scene
from views.contents import RESOURCES
from views.resource.declaration import Resource

Attack = Callable[[Scene], dict[str, bool]]
Unscoped = Callable[[], AbstractContextManager[None]]

SCOPED = [r for r in RESOURCES if r.name != "regions"]
ON_SCREEN = [r for r in SCOPED if r.screens]
LABEL = "HACKED"
CHANGE = {
    "workers": ("unit_name", LABEL),
    "qualifications": ("exam_year", "2017"),
    "credits": ("title", LABEL),
    "organizations": ("name", LABEL),
    "windows": ("title", LABEL),
    "notices": ("title", LABEL),
    "documents": ("title", LABEL),
    "contacts": ("title", LABEL),
    "deliveries": ("recipient", LABEL),
}
HELD_BY_OTHERS = {"workers", "organizations"}  # rows that other rows point at stay, in the control


def assert_fenced(tried: Attack, scene: Scene, unscoped: Unscoped) -> None:
    """The attack reaches nothing, and everything as soon as the fence is down."""
    assert {name for name, got in tried(scene).items() if got} == set()
    with unscoped():
        control = {name for name, got in tried(scene).items() if not got}
    assert control == set(), "the attack reaches nothing even without the scope: it proves nothing"


def declaring(write: str) -> Iterator[Resource]:
    """The resources that declare a write."""
    return (resource for resource in ON_SCREEN if resource.declares(write))

"""The policies that the portal ships, parsed once."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.rules.policy import Policy
from app.rules.policy_reading import parse_policy

POLICIES = Path(__file__).parents[2] / "app" / "policies"


def data_of(name: str) -> dict[str, Any]:
    """The raw data of one file under app/policies."""
    data: dict[str, Any] = yaml.safe_load((POLICIES / f"{name}.yaml").read_text("utf-8"))
    unshared: dict[str, Any] = _unshared(data)
    return unshared


def _unshared(node: Any) -> Any:
    """What a file says twice by an alias, as two things: a test may break one of them."""
    if isinstance(node, dict):
        return {key: _unshared(item) for key, item in node.items()}
    return [_unshared(item) for item in node] if isinstance(node, list) else node


SHIPPED = ("beijing", "chengdu", "guangdong", "henan-2021", "national")


@cache
def shipped(name: str) -> Policy:
    """One of the policies that the portal ships."""
    data = data_of(name)
    base = data_of(data["extends"]) if "extends" in data else None
    return parse_policy(data, data_of("fields"), base)


@pytest.fixture(scope="session")
def beijing() -> Policy:
    return shipped("beijing")


@pytest.fixture(scope="session")
def chengdu() -> Policy:
    return shipped("chengdu")


@pytest.fixture(scope="session")
def guangdong() -> Policy:
    return shipped("guangdong")


@pytest.fixture(scope="session")
def henan() -> Policy:
    return shipped("henan-2021")


@pytest.fixture(scope="session")
def national() -> Policy:
    return shipped("national")

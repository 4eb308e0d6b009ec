"""The policies that the portal ships, parsed once."""

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


@pytest.fixture(scope="session")
def beijing() -> Policy:
    return parse_policy(data_of("beijing"), data_of("fields"))


@pytest.fixture(scope="session")
def national() -> Policy:
    return parse_policy(data_of("national"), data_of("fields"))

"""Every policy that the portal ships, as a database is filled with it."""

from functools import cache
from pathlib import Path

import yaml

from app.rules.policy import Policy
from app.rules.policy_reading import parse_policy

FOLDER = Path(__file__).parents[2] / "app" / "policies"


@cache
def _data(name: str) -> object:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def _is_policy(name: str) -> bool:
    data = _data(name)
    return isinstance(data, dict) and data.get("code") == name


SHIPPED = [path.stem for path in sorted(FOLDER.glob("*.yaml")) if _is_policy(path.stem)]
"""The names of the files that are policies."""


@cache
def shipped(name: str) -> Policy:
    """One policy with the windows of its file, over the policy that it extends."""
    data, fields = _data(name), _data("fields")
    assert isinstance(data, dict)
    assert isinstance(fields, dict)
    base = _data(data["extends"]) if "extends" in data else None
    assert base is None or isinstance(base, dict)
    return parse_policy(data, fields, base)

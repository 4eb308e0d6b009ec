"""What migrations do to rows that are there already."""

import importlib.util
from pathlib import Path
from types import ModuleType

import yaml

from app.queries.policies import SEEDS, read

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def migration(name: str) -> ModuleType:
    """A migration as a module."""
    spec = importlib.util.spec_from_file_location(name, VERSIONS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def earlier_edition() -> str:
    """A shipped policy as it was written before policies spoke of every kind."""
    data = yaml.safe_load((SEEDS / "beijing.yaml").read_text("utf-8"))
    for key in ("due", "remind_days"):
        data.pop(key, None)
    first = data["kinds"]["first"]
    data["kinds"] = {"first": first, "replacement": {"label": first["label"], "opens": "by_notice"}}
    (first["declaration"],) = first.pop("consents").values()
    fields = yaml.safe_load((SEEDS / "fields.yaml").read_text("utf-8"))
    return str(yaml.safe_dump_all([data, fields], allow_unicode=True, sort_keys=False))


def test_an_edition_of_before_stays_readable_for_the_cases_that_follow_it() -> None:
    before = earlier_edition()
    rewritten = migration("0012_policies_of_every_kind").rewritten
    policy = read(rewritten(before))
    assert list(policy.kinds) == ["first"]
    assert policy.due == "calendar_year"
    (statement,) = policy.kinds["first"].consents
    assert (statement.code, statement.text.zh) == ("declaration", "我保证上述所填信息均真实有效")
    assert rewritten(rewritten(before)) == rewritten(before)

"""docs/policy.md says every key of a policy and no other, and every key serves a shipped policy."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.rules.certificate import ValidityRule
from app.rules.dictionaries import Reason
from app.rules.fields import Choice, Condition, FieldSpec, Portrait, Section, Slot
from app.rules.kinds import (
    OVERRIDABLE,
    RULES,
    Concentrated,
    History,
    Kind,
    NoticeFact,
    Stage,
    Statement,
    Ways,
    WindowFact,
)
from app.rules.policy import CertificateTerms, Contact, Policy
from tests.rules.conftest import SHIPPED, shipped

PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
README = Path(__file__).parents[2]
DESCRIBED = (
    Policy,
    Contact,
    CertificateTerms,
    Reason,
    Kind,
    Ways,
    Statement,
    History,
    Stage,
    ValidityRule,
    Section,
    FieldSpec,
    Choice,
    Condition,
    Slot,
    Portrait,
    WindowFact,
    Concentrated,
    NoticeFact,
)
EVERYWHERE = {("any rule", "warning"), ("any rule", "waived")}


def rows(mark: str) -> list[list[str]]:
    """The cells of the table under a mark, without its head."""
    after = PAGE.split(f"<!-- {mark} -->\n", 1)[1]
    lines = after.split("\n\n", 1)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def keys_of(cls: Any) -> dict[str, dataclasses.Field[Any]]:
    """The keys of a dataclass as the files write them."""
    return {one.metadata.get("key", one.name): one for one in dataclasses.fields(cls)}


def said(mark: str) -> dict[str, str]:
    """What a table says of each key."""
    return {cells[0].strip("`"): cells[1] for cells in rows(mark)}


def parts(node: Any) -> Iterator[Any]:
    """Every dataclass of a policy, with what it holds."""
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        yield node
        for one in dataclasses.fields(node):
            yield from parts(getattr(node, one.name))
    elif isinstance(node, Mapping):
        for item in node.values():
            yield from parts(item)
    elif isinstance(node, (tuple, list)):
        for item in node:
            yield from parts(item)


def differs(node: Any, one: dataclasses.Field[Any]) -> bool:
    """Whether a key says something that would not hold without it."""
    if one.default_factory is not dataclasses.MISSING:
        return bool(getattr(node, one.name) != one.default_factory())
    return bool(getattr(node, one.name) != one.default)


@pytest.fixture(scope="module")
def used() -> set[tuple[type, str]]:
    return {
        (type(node), key)
        for name in SHIPPED
        for node in parts(shipped(name))
        for key, one in keys_of(type(node)).items()
        if differs(node, one)
    }


def test_every_dataclass_of_a_policy_is_described(used: set[tuple[type, str]]) -> None:
    texts = {cls for cls, _key in used if cls.__name__ in ("Words", "RuleUse")}
    assert {cls for cls, _key in used} - texts == set(DESCRIBED)
    marked = re.findall(r"<!-- keys: (\w+) -->", PAGE)
    assert sorted(marked) == sorted(cls.__name__ for cls in DESCRIBED)


@pytest.mark.parametrize("cls", DESCRIBED, ids=lambda cls: cls.__name__)
def test_every_key_is_documented_and_none_that_is_gone(cls: Any) -> None:
    assert set(said(f"keys: {cls.__name__}")) == set(keys_of(cls))


@pytest.mark.parametrize("cls", DESCRIBED, ids=lambda cls: cls.__name__)
def test_a_key_is_called_needed_exactly_when_it_is(cls: Any) -> None:
    texts = said(f"keys: {cls.__name__}")
    for key, one in keys_of(cls).items():
        missing = dataclasses.MISSING
        needed = one.default is missing and one.default_factory is missing
        given = one.metadata.get("from_key") or cls in (Statement, Choice, Ways)  # by their place
        if not given:
            assert texts[key].startswith("*needed*") == needed, key


@pytest.mark.parametrize("cls", DESCRIBED, ids=lambda cls: cls.__name__)
def test_every_key_serves_a_shipped_policy_or_says_that_it_is_optional(
    cls: Any, used: set[tuple[type, str]]
) -> None:
    for key, text in said(f"keys: {cls.__name__}").items():
        assert ((cls, key) in used) != ("Optional:" in text), key


def test_every_rule_is_documented_and_serves_a_shipped_policy_or_says_optional() -> None:
    texts = said("rules")
    assert set(texts) == set(RULES)
    required = {
        use.name
        for name in SHIPPED
        for kind in shipped(name).kinds.values()
        for use in kind.requires
    }
    for rule, text in texts.items():
        assert (rule in required) != ("Optional:" in text), rule


def test_every_parameter_is_documented_and_serves_a_shipped_policy_or_says_optional() -> None:
    texts = {(c[0].strip("`"), c[1].strip("`")): c[2] for c in rows("parameters")}
    assert set(texts) - EVERYWHERE == {(rule, name) for rule in RULES for name in RULES[rule]}
    assert set(texts) >= EVERYWHERE
    given = {
        (use.name, name)
        for policy in map(shipped, SHIPPED)
        for kind in policy.kinds.values()
        for use in kind.requires
        for name in use.params
    }
    for (rule, name), text in texts.items():
        if rule != "any rule":
            assert ((rule, name) in given) != ("Optional:" in text), (rule, name)


def test_every_override_is_documented_and_serves_a_shipped_window_or_says_optional() -> None:
    texts = said("overrides")
    assert set(texts) == set(OVERRIDABLE)
    given = {k for name in SHIPPED for window in shipped(name).windows for k in window.overrides}
    for key, text in texts.items():
        assert (key in given) != ("Optional:" in text), key


def test_every_shipped_policy_is_listed_and_the_page_is_linked() -> None:
    for name in SHIPPED:
        assert f"`{name}.yaml`" in PAGE
        assert shipped(name).region_code in PAGE
    for readme in ("README.md", "README.zh.md"):
        assert "(docs/policy.md)" in (README / readme).read_text("utf-8")

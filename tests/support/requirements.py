"""Which requirement is shown by which test, read from the tests' names; run it to write the page.

The one convention: a test's name begins with the ids that it shows, the section before every
number, two digits each: `test_bj_16_what_it_shows`, `test_ba_03_g4_only_the_days_of_july`. Ids
elsewhere in a name, in docstrings or in parameters are not read.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
ASKED = ROOT / "docs" / "requirements.yaml"
PAGE = ROOT / "docs" / "requirements.md"
BACKGROUND = "background"  # the topic of a fact that nothing needs to show

HEAD = """# What was asked for, and the test that shows it

Written by `make requirements` from [requirements.yaml](requirements.yaml) and from the names of the
tests; don't edit it. A test whose name begins with an id, such as `test_bj_16_…`, shows it. An id
without one is listed as **not shown yet**: perhaps built, not held by a test of that name.
"""


class UnknownIdError(ValueError):
    """A test names an id that the catalogue lacks, or names ids outside the convention."""


@dataclass(frozen=True)
class Asked:
    """One requirement: its id (`BJ-16`, `G1`), topic and sentence."""

    id: str
    topic: str
    sentence: str

    @property
    def section(self) -> str:
        """The letters of its id."""
        return self.id.rstrip("-0123456789")


@dataclass(frozen=True, order=True)
class Shown:
    """One test: its file, from the root of the project, and its name."""

    file: str
    name: str


@dataclass(frozen=True)
class Catalogue:
    """The sections by their letters, and what they ask, in order."""

    sections: Mapping[str, str]
    asked: Sequence[Asked]

    def ids_of(self, test: str) -> list[str]:
        """The ids that the name of a test begins with; `UnknownIdError` when one isn't known."""
        letters = "|".join(self.sections).lower()
        match = re.match(rf"test((?:_(?:{letters})_?\d+(?![^_]))*)(.*)", test)
        leading, rest = match.groups() if match else ("", "")
        if re.search(r"^_\d\d(?![^_])|_(?:bj|ba|cd|mc|hn)_\d\d(?![^_])", rest):
            raise UnknownIdError(f"{test}: begin with the ids, each with its section")
        known = {_letters_and_number(one.id): one.id for one in self.asked}
        try:
            return [known[_letters_and_number(id)] for id in re.findall(r"[a-z]+_?\d+", leading)]
        except KeyError as missing:
            raise UnknownIdError(f"{test}: requirements.yaml has no {missing}") from None


def _letters_and_number(id: str) -> tuple[str, int]:
    """What is the same in `BJ-07` and `bj_07`, in `G4`, `g4` and `g_4`."""
    letters, number = re.split(r"[-_]?(?=\d)", id.lower(), maxsplit=1)
    return letters, int(number)


def catalogue(path: Path = ASKED) -> Catalogue:
    """What was asked for, from the file that says it."""
    data = yaml.safe_load(path.read_text("utf-8"))
    asked = [Asked(id, topic, sentence) for id, (topic, sentence) in data["ids"].items()]
    return Catalogue(data["sections"], asked)


def all_tests() -> Iterator[Shown]:
    """Every test of the suite, by its name alone: nothing is imported."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield Shown(path.relative_to(ROOT).as_posix(), node.name)


def shown_by(known: Catalogue, found: Iterator[Shown]) -> dict[str, list[Shown]]:
    """The tests of each id that has some; `UnknownIdError` when a name is at fault."""
    result: dict[str, list[Shown]] = {}
    for test in sorted(found):
        for id in known.ids_of(test.name):
            result.setdefault(id, []).append(test)
    return result


def page(known: Catalogue, shown: Mapping[str, Sequence[Shown]]) -> str:
    """The page as it should read now."""
    parts = [HEAD, _counts("section", known, shown), _counts("topic", known, shown)]
    for letters, title in known.sections.items():
        rows = [_row(one, shown.get(one.id, [])) for one in known.asked if one.section == letters]
        head = ["| id | requirement | topic | tests |", "|---|---|---|---|"]
        parts.append("\n".join([f"## {letters} · {title}", "", *head, *rows, ""]))
    return "\n".join(parts)


def _counts(by: str, known: Catalogue, shown: Mapping[str, Sequence[Shown]]) -> str:
    """How many of each section or topic are shown, of how many."""
    asked = [one for one in known.asked if one.topic != BACKGROUND]
    all_of = Counter(getattr(one, by) for one in asked)
    those = Counter(getattr(one, by) for one in asked if one.id in shown)
    rows = [f"| {name} | {those[name]} | {number} |" for name, number in all_of.items()]
    total = f"| all | {those.total()} | {all_of.total()} |"
    return "\n".join([f"| {by} | shown | of |", "|---|---|---|", *rows, total, ""])


def _row(one: Asked, found: Sequence[Shown]) -> str:
    links = "<br>".join(f"[{test.name}](../{test.file})" for test in found)
    empty = "nothing to show" if one.topic == BACKGROUND else "**not shown yet**"
    return f"| {one.id} | {one.sentence} | {one.topic} | {links or empty} |"


def current() -> str:
    """The page for the tests as they are; `UnknownIdError` when a name is at fault."""
    known = catalogue()
    return page(known, shown_by(known, all_tests()))


if __name__ == "__main__":
    try:
        PAGE.write_text(current(), encoding="utf-8")
    except UnknownIdError as fault:
        sys.exit(str(fault))

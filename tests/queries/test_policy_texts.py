"""A policy's text: what is wrong with it is told with its line, and nothing of it is lost."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.queries.policies import SEEDS
from app.queries.policy_texts import (
    DICTIONARIES,
    SEPARATOR,
    BrokenTexts,
    TextFault,
    Texts,
    checked,
    code_in,
    faults_of_dictionary,
)
from app.services import policies

FIELDS = (SEEDS / "fields.yaml").read_text("utf-8")
POLICIES = sorted(p for p in SEEDS.glob("*.yaml") if p.stem not in DICTIONARIES)
NATIONAL = (SEEDS / "national.yaml").read_text("utf-8")
SMALL = """\
code: small
region_code: "440000"
extends: national
kinds:
  first:
    delivery: [electronic]
"""


BOMB = "\n".join(
    f"{name}: &{name} [{', '.join([f'*{of}'] * 30)}]" for name, of in ("ba", "cb", "dc", "ed")
)


def faults(own: str, base: str | None = None, code: str = "national") -> list[TextFault]:
    """What is wrong with a text."""
    try:
        checked(Texts(own, FIELDS, base), "file.yaml", code)
    except BrokenTexts as broken:
        return broken.faults
    return []


def line_of(text: str, part: str) -> int:
    """The number of the first line that holds this."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_the_portal_ships_is_sound(path: Path) -> None:
    assert policies.faults_of_shipped(path) == []


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("    form_title:", "    form_titel:", "form_titel"),
        ("    opens: always", "    opens: allways", "window, always"),
        ("      exam_year: {", "      exam_yeer: {", "exam_yeer"),
        ("          - ethnicity", "          - ethnicty", "ethnicty"),
        ("        level: county", "        level: village", "province, city, county"),
        ("labels: national", "labels: nowhere", "nowhere"),
        ("code: national", "code: another", "national"),
        ("  first:\n", "  first:\n    labels: nowhere\n", "nowhere"),
        ("    delivery: [electronic]", "    delivery: [pigeon]", "electronic"),
        ("effective_from: 2009-01-01", "effective_from: 2009-13-01", "YAML"),
    ],
)
def test_a_fault_has_its_line_and_its_reason(before: str, after: str, told: str) -> None:
    text = NATIONAL.replace(before, after, 1)
    assert text != NATIONAL
    found = faults(text)
    assert line_of(text, after.splitlines()[-1]) in {fault.line for fault in found}
    assert any(told in fault.message.en for fault in found)
    assert all(fault.file == "file.yaml" and fault.message.zh for fault in found)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "a mapping"),
        ("- one", 1, "a mapping"),
        ("code: national\ntitle: 'open\nlabels: x", 2, "not closed"),
        ("code: national\n\ttitle: x", 2, "tabs"),
        ("code: national\ntitle: a: b", 2, "colon"),
        ("code: national\ntitle: [a\n", 2, "bracket"),
        ("kinds:\n  a: 1\n b: 2", 3, "indented"),
        ("code: national\nlabels: a\ncode: national", 3, "twice"),
        ("kinds:\n  first: {label: 1, label: 2}", 2, "twice"),
        ("code: national\nkinds: &all [*all]", 2, "inside what it repeats"),
        ("a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n" + BOMB, 4, "more than a policy"),
        ("code: national\ntitle: " + "[" * 5000, 2, "too deeply"),
        ("code: national\n---\ncode: b", 2, "one policy"),
        ("code: national\ntitle: !!python/name:os.system x", 2, "YAML"),
        ("code: national\ntitle: a\x07b", 2, "YAML"),
        ("? [a]\n: 1", 1, "YAML"),
    ],
)
def test_what_is_no_yaml_is_a_fault_and_no_crash(text: str, line: int, told: str) -> None:
    (fault, *_more) = faults(text)
    assert (fault.line, told in fault.message.en) == (line, True), fault


def test_a_fault_in_what_a_policy_extends_is_told_with_that_policy_s_name() -> None:
    broken = NATIONAL.replace("opens: always", "opens: allways")
    (fault, *_more) = faults(SMALL, broken, "small")
    assert (fault.file, fault.line) == ("national", line_of(broken, "allways"))
    own = SMALL.replace("delivery", "delivry")
    found = faults(own, NATIONAL, "small")
    assert {(fault.file, fault.line) for fault in found} == {("file.yaml", 6)}


def test_a_policy_extends_one_that_exists_and_extends_nothing_itself() -> None:
    assert [(f.line, f.path) for f in faults(SMALL, None, "small")] == [(3, "extends")]
    twice = faults(SMALL, NATIONAL + "extends: national\n", "small")
    assert "extends" in {fault.path for fault in twice}


def test_a_missing_key_is_told_at_the_line_above_it() -> None:
    text = NATIONAL.replace("    validity: {rule: anniversary, years: 3}\n", "", 1)
    (fault,) = faults(text)
    assert (fault.path, fault.line) == ("kinds.first.validity", line_of(text, "  first:"))


def test_a_check_that_names_an_input_points_at_its_line() -> None:
    text = NATIONAL.replace(
        "          - ethnicity\n",
        "          - {name: ethnicity, required_when: {field: sex, in: [neither]}}\n",
        1,
    )
    assert {fault.line for fault in faults(text)} == {line_of(text, "neither")}


def test_the_files_beside_the_policies_are_checked_by_line_too(tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text("national:\n  draft: {zh: 草稿}\n", "utf-8")
    (fault,) = faults_of_dictionary(path)
    assert (fault.file, fault.line, fault.path) == (str(path), 2, "national.draft.en")
    path.write_bytes("national:\n  draft: 草稿".encode("gb18030"))
    assert faults_of_dictionary(path)[0].line == 2


@given(st.text(), st.text(), st.none() | st.text(min_size=1))
def test_an_edition_gives_each_document_back_to_the_byte(
    own: str, fields: str, base: str | None
) -> None:
    for text in filter(None, (own, fields, base)):
        if SEPARATOR.search(text):
            return
    if fields and own:
        assert Texts.of(Texts(own, fields, base).source) == Texts(own, fields, base)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_what_is_shipped_comes_back_to_the_byte(path: Path) -> None:
    texts = policies.texts_of_file(path)
    assert Texts.of(texts.source).own.encode() == path.read_bytes()
    assert code_in(texts.own) == path.stem


LINES = NATIONAL.splitlines()
BITS = st.sampled_from(["", "x", "- x", "1", "[]", "{}", "null", "~", ": :", "- {}", "yes: 1", "'"])


@pytest.mark.slow
@settings(max_examples=150)
@given(st.integers(0, len(LINES) - 1), BITS, st.booleans(), st.integers(0, 12))
def test_a_text_with_any_line_spoiled_is_sound_or_told_by_line(
    at: int, bit: str, keep_key: bool, indent: int
) -> None:
    """Whatever is done to a line, there are faults with lines of the text, and never a crash."""
    key = LINES[at].split(":")[0] + ": " if keep_key else " " * indent
    lines = [*LINES[:at], key + bit, *LINES[at + 1 :]]
    found = faults("\n".join(lines))
    assert all(1 <= fault.line <= len(lines) + 1 for fault in found)

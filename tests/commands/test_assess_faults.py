"""`portal assess`: every fault in its own line, many facts at once, and the real process."""

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.support.assessing import call, finding, registered, run

# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        (
            {"exam_yeer": 2019, "level": "master"},
            ["exam_yeer: There is nothing named", "level: This should be one of: assistant"],
        ),
        ({"born_on": "2021-02-29"}, ["born_on: This should be a date"]),
        ({"exam_year": "2019"}, ["exam_year: This should be a whole number"]),
        ({"certificate_lost": "no"}, ["certificate_lost: This should be true or false"]),
        (
            {"credits": [{"on": "2020-01-01", "hours": -0.5, "source": "online"}]},
            ["credits[0].hours: This should be a number that is not negative"],
        ),
        (
            {"registrations": [{"kind": "renewal"}, {"year": 2014, "kind": "renewal", "x": 1}]},
            ["registrations[0].year: This key is missing", "registrations[1].x: There is nothing"],
        ),
        ({"real_name": False}, ["real_name: The portal settles this itself"]),
        ({"a\nb": 1}, ["a\\nb: There is nothing named"]),
        (b"", ["There is nothing here; this should be a JSON object"]),
        (b"[]", ["This should be a mapping"]),
        (b"null", ["This should be a mapping"]),
        (b"{", ["This is not JSON: "]),
        (b"\xef\xbb\xbf{}", ["This is not JSON: Unexpected UTF-8 BOM"]),
        (b"\xff\xfe{}", ["This is not UTF-8 text"]),
        (b'{"exam_year": 2019, "exam_year": 2018}', ["exam_year: “exam_year” is there twice"]),
        (b'{"exam_year": NaN}', ["JSON has no NaN"]),
        (b'{"exam_year": -Infinity}', ["JSON has no -Infinity"]),
        (b'{"exam_year": 1' + b"0" * 5000 + b"}", ["This is not JSON: Exceeds the limit"]),
        (b'{"exam_year": 1' + b"0" * 4000 + b"}", ["exam_year: This should be a whole number"]),
        (b"[" * 10**6, ["This is not JSON: maximum recursion depth"]),
        (
            b'{"credits":[{"on":"2020-01-01","source":"online","hours":1e400}]}',
            ["credits[0].hours: This should be a number that is not negative"],
        ),
    ],
)
@pytest.mark.database("sqlite")
def test_every_fault_is_one_line_that_names_its_key(
    app: Flask, facts: object, lines: list[str]
) -> None:
    code, out, err = run(app, facts, "--policy", "beijing", "--on", "2020-07-10")
    assert (code, out) == (2, "")
    said = err.splitlines()
    assert len(said) == len(lines)
    for line, words in zip(said, lines, strict=True):
        assert line.startswith(words)


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (("--policy", "bejing", "--on", "2020-07-10"), ["--policy: There is no policy “bejing”"]),
        (("--policy", "beijing", "--on", "2020-02-30"), ["--on: This should be a date"]),
        (("--policy", "beijing", "--on", "1899-12-31"), ["--on: This should be a date"]),
        (("--policy", "x", "--on", "y"), ["--on: ", "--policy: "]),
        (("--policy", "auto", "--on", "2020-07-10"), ["region_code: With --policy auto"]),
    ],
)
@pytest.mark.database("sqlite")
def test_a_wrong_option_is_a_sentence(
    app: Flask, options: tuple[str, ...], lines: list[str]
) -> None:
    code, out, err = run(app, {}, *options)
    assert (code, out) == (2, "")
    for line, words in zip(err.splitlines(), lines, strict=True):
        assert line.startswith(words)


# ---------------------------------------------------------------- many at once


@pytest.mark.database("sqlite")
def test_a_file_gives_a_line_for_each_of_its_lines_in_their_order(
    app: Flask, tmp_path: Path
) -> None:
    people = [registered(year) for year in range(2009, 2021)]
    file = tmp_path / "facts.jsonl"
    file.write_text("\r\n".join(map(json.dumps, people)) + "\n\n", "utf-8")
    options = ("--policy", "beijing", "--on", "2020-07-10")
    code, out, _err = run(app, b"", *options, "--file", str(file))
    assert code == 0
    single = [run(app, facts, *options)[1] for facts in people]
    assert out.splitlines(keepends=True) == single


@pytest.mark.database("sqlite")
def test_a_file_with_a_fault_is_answered_whole_or_not_at_all(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    file.write_text('{}\n{"exam_yeer": 1, "level": "x"}\n{"level": 1\n', "utf-8")
    code, out, err = run(app, b"", "--policy", "beijing", "--on", "2020-07-10", "--file", str(file))
    assert (code, out) == (2, "")
    starts = ["line 2: exam_yeer: ", "line 2: level: ", "line 3: This is not JSON: "]
    assert all(map(str.startswith, err.splitlines(), starts))
    assert len(err.splitlines()) == len(starts)


# ---------------------------------------------------------------- everybody


@pytest.mark.demo
@pytest.mark.slow
@pytest.mark.parametrize("policy", ["beijing", "national", "auto"])
def test_everybody_is_counted_by_kind_rule_and_region(app: Flask, policy: str) -> None:
    options = ("--all", "--summary", "--policy", policy, "--on", "2020-07-10")
    code, out, err = run(app, b"", *options)
    assert code == 0, err
    told = json.loads(out)
    assert list(told) == ["policy", "on", "at", "policies", "workers", "kinds", "regions"]
    assert told["workers"] == sum(region["workers"] for region in told["regions"].values()) > 0
    first = told["kinds"]["first"]
    assert first["eligible"] + first["not_eligible"] == told["workers"]
    assert set(first) == {"eligible", "not_eligible", "rules"}
    assert err.startswith(f"{told['workers']} workers, ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--all",), "--all: --all and --summary go together"),
        (("--summary",), "--all: --all and --summary go together"),
        (("--all", "--summary", "--file", __file__), "--file: This does not go with --all"),
    ],
)
@pytest.mark.database("sqlite")
def test_options_that_do_not_go_together(app: Flask, options: tuple[str, ...], words: str) -> None:
    code, out, err = run(app, b"", "--policy", "beijing", "--on", "2020-07-10", *options)
    assert (code, out, err) == (2, "", f"{words}\n")


# ---------------------------------------------------------------- as it is really called


def test_standard_output_is_json_alone_and_utf_8_whatever_the_locale(
    app: Flask, tmp_path: Path
) -> None:
    number = {"number": "\ud800", "valid_until": "2017-05-31", "state": "revoked"}
    facts = {**registered(2014), "certificate": number}
    url, locale = (
        app.config["SQLALCHEMY_DATABASE_URI"],
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )
    done = call(url, tmp_path, facts, "--policy", "beijing", "--on", "2020-07-10", **locale)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.decode())
    assert answer["route"] == "late_renewal"
    assert "补登记" in finding(answer, "late_renewal", "window_open")["message"]["zh"]


def test_without_a_schema_the_command_says_what_to_do(tmp_path: Path) -> None:
    none = f"sqlite:///{tmp_path}/none.db"
    done = call(none, tmp_path, {}, "--policy", "beijing", "--on", "2020-07-10")
    assert done.returncode == 2
    assert b"has `portal init` been run?" in done.stderr
    assert b"Traceback" not in done.stderr

"""The rules of the house, held by reading its own source."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import click
import pytest
import yaml

from app.cli import portal

ROOT = Path(__file__).parents[1]
CODE = ("app", "models", "views", "config.py", "run.py")
JURISDICTIONS = re.compile(
    r"北京|成都|河南|郑州|广东|beijing|chengdu|henan|guangdong", re.IGNORECASE
)
MACHINE = re.compile(r"/home/|/root/|/tmp/\w|/work/|https?://[\w.]*(pypi|npmjs|debian)\.")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def modules(*parts: str) -> Iterator[Path]:
    """The Python files of the project, or of some of its parts."""
    for part in parts or CODE:
        path = ROOT / part
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Every function of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def lines(function: ast.FunctionDef) -> int:
    """How many lines a function has."""
    return (function.end_lineno or 0) - function.lineno + 1


def test_modules_open_with_a_sentence_and_no_function_is_long() -> None:
    for path in modules(*CODE, "tests"):
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{path}: no opening sentence"
        assert all(lines(one) <= 60 for one in functions(path)), path


def test_files_are_short() -> None:
    long = {p: n for p in modules() if (n := p.read_text("utf-8").count("\n")) > 350}
    assert not long


def test_functions_are_short_as_a_rule() -> None:
    counts = [lines(one) for path in modules() for one in functions(path)]
    assert median(counts) <= 9
    assert quantiles(counts, n=10)[-1] <= 30


def test_no_jurisdiction_is_named_in_the_code() -> None:
    named = [str(path) for path in modules() if JURISDICTIONS.search(path.read_text("utf-8"))]
    assert not named


def test_no_exception_is_swallowed() -> None:
    silent = [
        f"{path}:{node.lineno}"
        for path in modules(*CODE, "tests")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert not silent


def test_every_row_is_locked_in_the_one_way() -> None:
    for path in modules("app"):
        for line in path.read_text("utf-8").splitlines():
            assert "with_for_update" not in line or "LOCKED" in line, f"{path}: {line}"


def test_what_the_scope_cannot_see_is_not_used() -> None:
    """`select(Model.__table__)` goes past it; the linter bans `text()` and bulk `insert()`."""
    past = [
        f"{path}:{node.lineno}"
        for path in modules("app", "views")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("select", "update", "delete")
        and any(getattr(arg, "attr", "") == "__table__" for arg in node.args)
    ]
    assert not past


def test_statements_in_plain_sql_stand_outside_of_the_request_path() -> None:
    """What opens a connection, what locks the log, and what fills an empty database in bulk."""
    found = {
        str(path.relative_to(ROOT))
        for path in modules("app", "views", "models")
        if "exec_driver_sql" in path.read_text("utf-8")
    }
    rest = found - {"app/extensions.py", "app/services/anchors.py"}
    assert all(name.startswith("app/services/demo/scale/") for name in rest)


def test_the_repository_speaks_of_the_product_alone() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("not a checkout")
    kept = {".py", ".md", ".toml", ".yaml", ".txt", ".cfg", ".html", ".css", ".js", ".typ", ""}
    texts = [ROOT / name for name in tracked if Path(name).suffix in kept]
    here = Path(__file__)
    found = [
        str(path)
        for path in texts
        if path != here
        and path.exists()
        and "vendor" not in path.parts
        and MACHINE.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert not found


def _read_from_the_environment() -> set[str]:
    pattern = re.compile(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"|_key\(environ, \"([A-Z_]+)\"")
    found = {m for path in modules() for m in pattern.findall(path.read_text("utf-8"))}
    return {name for pair in found for name in pair if name}


def test_the_readme_lists_every_setting_and_no_other() -> None:
    table = README.split("## Settings")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == (
        _read_from_the_environment()
    )


def test_the_readme_lists_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)
    assert {t for t in targets if f"`make {t}`" not in README} == set()
    ways = list(_ways(portal))
    assert len(ways) > 10
    assert [way for way in ways if f"portal {way}" not in README] == []


def _ways(command: click.Command, before: str = "") -> Iterator[str]:
    """Every command that can be typed, with its groups before it."""
    if not isinstance(command, click.Group):
        yield before.strip()
        return
    for name, below in command.commands.items():
        yield from _ways(below, f"{before} {name}")


def test_the_accounts_of_the_readme_are_those_of_the_demonstration() -> None:
    story = yaml.safe_load((ROOT / "app/data/demo.yaml").read_text(encoding="utf-8"))
    made = {username for username, *_rest in story["accounts"]}
    made |= {one["username"] for one in story["applicants"]}
    made.add(story["organization_account"]["username"])
    table = README.split("| account | role")[-1].split("\n## ")[0]
    told = set(re.findall(r"`(\w+)`", table))
    assert told == made


def test_every_dependency_is_pinned_and_explained() -> None:
    explained = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower()
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8").split("# Needed by the packages above")
        direct = [line for line in text[0].splitlines() if line and line[0] not in "#-"]
        assert all("==" in line for line in direct)
        for line in direct:
            package = re.split(r"==|\[", line)[0].lower()
            assert package in explained or package.startswith("types-"), package

"""`portal import`: tables of any length, as an account takes them in."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.commands import importing
from models.event import Event
from models.worker import Worker
from tests.services.test_imports import WORKERS, person_line
from tests.support import factories
from tests.support.factories import every

pytestmark = pytest.mark.usefixtures("db")


def run(app: Flask, file: Path, *options: str) -> Result:
    """The command as the administrator of a county runs it."""
    name = factories.account("county_admin", "410105").username
    args = ["portal", "import", "workers", str(file), "--as", name, *options]
    return app.test_cli_runner().invoke(args=args)


def test_hn_10_the_command_takes_in_what_is_sound_and_says_what_is_not(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    file = tmp_path / "people.csv"
    good = [person_line(name) for name in ("李雷", "韩梅", "吉姆")]
    file.write_text(WORKERS + good[0] + person_line("错号", number="1") + good[1] + good[2])
    tried = run(app, file, "--trial")
    assert (tried.exit_code, every(Worker)) == (1, [])
    done = run(app, file)
    assert done.exit_code == 1
    assert done.stdout.startswith("3,身份证号,")
    assert done.stderr.strip() == "new 3 known 0 refused 1"
    assert [row.name for row in every(Worker)] == ["李雷", "韩梅", "吉姆"]
    assert {one.actor_role for one in every(Event)} == {"county_admin"}
    file.write_text(WORKERS + "".join(good))
    again = run(app, file)
    assert (again.exit_code, again.stderr.strip()) == (0, "new 0 known 3 refused 0")


def test_wrong_use_says_what_is_wrong(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("姓名,薪水\n")
    assert "薪水" in run(app, file).stderr
    args = ["portal", "import", "workers", str(file), "--as", "nobody"]
    assert app.test_cli_runner().invoke(args=args).exit_code == 2

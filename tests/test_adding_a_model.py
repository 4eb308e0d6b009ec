"""The page on adding a model, followed word for word in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "adding-a-model.md"
WALK = ROOT / "tests" / "support" / "station_walk.py"
PARTS = ("app", "models", "views", "migrations", "config.py", "run.py")

pytestmark = pytest.mark.slow


def blocks() -> list[str]:
    """The Python of the page, in order: the models, the permissions, the resources."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def insert(path: Path, marker: str, text: str) -> None:
    """Put text behind the one line of a file that ends with the marker."""
    content = path.read_text(encoding="utf-8")
    assert content.count(marker) == 1, marker
    path.write_text(content.replace(marker, marker + text), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with the page carried out."""
    for part in PARTS:
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / part)
    models, permissions, resources = blocks()
    (tmp_path / "models/station.py").write_text(models, encoding="utf-8")
    insert(tmp_path / "app/security.py", "RECORDS: dict[str, str] = {\n", permissions)
    contents = tmp_path / "views/contents.py"
    insert(contents, "RESOURCES: tuple[Resource, ...] = (\n", resources)
    insert(
        contents, "from models.worker import Worker\n", "from models.station import Duty, Station\n"
    )
    return tmp_path


def run(project: Path, *command: str) -> str:
    """Run a command in the copy, on a database of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{project}/portal.db",
        "PORTAL_FILES": str(project / "files"),
        "PORTAL_RATE_LIMIT": "off",
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_a_model_of_eight_columns_and_its_child_take_twenty_lines_and_get_everything(
    project: Path,
) -> None:
    models, permissions, resources = blocks()
    body = models[models.index("class Station") :]
    code = re.sub(r'"""[^"]*"""', "", body) + permissions + resources
    assert len([line for line in code.splitlines() if line.strip()]) <= 20

    run(project, "-m", "flask", "--app", "run", "portal", "init")
    run(project, "-m", "flask", "--app", "run", "db", "migrate", "-m", "Stations")
    run(project, "-m", "flask", "--app", "run", "portal", "init")
    shutil.copy(WALK, project / "walk.py")
    assert "walked" in run(project, "walk.py")

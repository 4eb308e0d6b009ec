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
    insert(contents, "from models.worker import Worker\n", "from models.station import Duty, Station\n")
    return tmp_path


def run(project: Path, *command: str) -> str:
    """Run a command in the copy, on a database of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{project}/portal.db",
        "PORTAL_FILES": str(project / "files"),
        "PORTAL_RATE_LIMIT": "off",
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own project
        [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


WALK = '''
from run import app
from app.scope import as_system
from app.services import accounts

OWN = {"name": "金水区第一社工站", "kind": "street", "credit_code": "52410105MJ0000001", "phone": "13800138000",
       "address": "人民路 10 号", "opened_on": "2020-05-01", "staff": 7, "region_code": "410105"}
from app.rules import identifiers
OWN["credit_code"] += identifiers.credit_code_check_char(OWN["credit_code"])
with app.app_context(), as_system("test") as session, session.begin():
    for name, region in (("here", "410105"), ("there", "410102")):
        accounts.new_account(session, username=name, name=name, role="county_admin", region_code=region,
                             password="Portal-test-1", must_change=False)

def token(name):
    answer = app.test_client().post("/api/v1/security/login", json={"username": name, "password": "Portal-test-1", "provider": "db"})
    return {"Authorization": "Bearer " + answer.json["access_token"]}

here, there = token("here"), token("there")
client = app.test_client()
made = client.post("/api/v1/stations/", json=OWN, headers=here)
assert made.status_code == 201, made.text
key = made.json["id"]
assert made.json["result"]["phone"] == "138****8000", "masked in the API"
assert client.post("/api/v1/stations/", json=OWN, headers=here).status_code == 409, "unique"
assert client.post("/api/v1/stations/", json=OWN | {"kind": "moon"}, headers=here).json["errors"].keys() == {"kind"}
child = client.post("/api/v1/duties/", json={"station_id": key, "person": "王芳", "starts_on": "2020-06-01"}, headers=here)
assert child.json["result"]["region_code"] == "410105", "a child lies where its parent lies"
assert client.get(f"/api/v1/stations/{key}", headers=there).status_code == 404, "another region"
assert client.get("/api/v1/stations/", headers=there).json["count"] == 0
assert client.get("/api/v1/stations/?q=(filters:!((col:name,opr:sw,value:金水)))", headers=here).json["count"] == 1
show = client.get(f"/stations/show/{key}", headers=here).text
assert "王芳" in show and "138****8000" in show and "13800138000" not in show
listed = client.get("/stations/list/?order=opened_on&kind=street", headers=here).text
assert "金水区第一社工站" in listed
assert "金水区第一社工站" in client.get("/stations/export.csv", headers=here).text
assert "金水区第一社工站" not in client.get("/stations/export.csv", headers=there).text
assert client.put(f"/api/v1/stations/{key}", json={"staff": 9}, headers=here).json["result"]["staff"] == 9
assert client.put(f"/api/v1/stations/{key}", json={"region_code": "410102"}, headers=here).status_code == 403
assert "stations" in client.get("/reference/models", headers=here).text
assert "/api/v1/stations/" in client.get("/api/v1/_openapi").text
assert client.delete(f"/api/v1/duties/{child.json['id']}", headers=here).status_code == 200
assert client.delete(f"/api/v1/stations/{key}", headers=here).status_code == 200
print("walked")
'''


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
    (project / "walk.py").write_text(WALK, encoding="utf-8")
    assert "walked" in run(project, "walk.py")

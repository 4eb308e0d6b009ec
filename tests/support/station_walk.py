"""The walk through what docs/adding-a-model.md adds; run as a script in a copy of the project."""

from typing import Any

from app.rules import identifiers
from app.scope import as_system
from app.services import accounts
from run import app

PASSWORD = "Portal-test-1"
LOGIN = "/api/v1/security/login"
NAME = "金水区第一社工站"
FIRST17 = "52410105MJ0000001"
STATION = {
    "name": NAME,
    "kind": "street",
    "credit_code": FIRST17 + identifiers.credit_code_check_char(FIRST17),
    "phone": "13800138000",
    "address": "人民路 10 号",
    "opened_on": "2020-05-01",
    "staff": 7,
    "region_code": "410105",
}


def walk() -> None:
    """Everything that a declared model gets, from inside its region and from outside."""
    open_accounts()
    here, there = sign_in("here"), sign_in("there")
    key = add(here)
    duty = add_duty(here, key)
    read(here, there, key)
    change(here, key)
    for path in (f"/api/v1/duties/{duty}", f"/api/v1/stations/{key}"):
        assert app.test_client().delete(path, headers=here).status_code == 200


def open_accounts() -> None:
    """One county administrator here and one next door."""
    with app.app_context(), as_system("a test opens accounts") as session, session.begin():
        for name, region in (("here", "410105"), ("there", "410102")):
            accounts.new_account(
                session,
                username=name,
                name=name,
                role="county_admin",
                region_code=region,
                password=PASSWORD,
                must_change=False,
            )


def sign_in(name: str) -> dict[str, str]:
    """The header that carries a token."""
    body = {"username": name, "password": PASSWORD, "provider": "db"}
    return {"Authorization": "Bearer " + post(LOGIN, body, {}).json["access_token"]}


def post(path: str, body: dict[str, Any], who: dict[str, str]) -> Any:
    """A POST by a program."""
    return app.test_client().post(path, json=body, headers=who)


def get(path: str, who: dict[str, str]) -> Any:
    """A GET by a program."""
    return app.test_client().get(path, headers=who)


def add(here: dict[str, str]) -> int:
    """Add a station: masked in the answer, unique, checked."""
    made = post("/api/v1/stations/", STATION, here)
    assert made.status_code == 201, made.text
    assert made.json["result"]["phone"] == "138****8000"
    assert post("/api/v1/stations/", STATION, here).status_code == 409
    wrong = post("/api/v1/stations/", STATION | {"kind": "moon"}, here)
    assert wrong.json["errors"].keys() == {"kind"}
    return int(made.json["id"])


def add_duty(here: dict[str, str], station: int) -> int:
    """A child lies where its parent lies."""
    body = {"station_id": station, "person": "王芳", "starts_on": "2020-06-01"}
    made = post("/api/v1/duties/", body, here)
    assert made.json["result"]["region_code"] == "410105", made.text
    return int(made.json["id"])


def read(here: dict[str, str], there: dict[str, str], key: int) -> None:
    """List, search, show, export, reference, OpenAPI; next door there is nothing."""
    search = "/api/v1/stations/?q=(filters:!((col:name,opr:sw,value:金水)))"
    assert get(search, here).json["count"] == 1
    assert get(search, there).json["count"] == 0
    assert get(f"/api/v1/stations/{key}", there).status_code == 404
    shown = get(f"/stations/show/{key}", here).text
    assert "王芳" in shown
    assert "138****8000" in shown
    assert "13800138000" not in shown
    assert NAME in get("/stations/list/?order=opened_on&kind=street", here).text
    assert NAME in get("/stations/export.csv", here).text
    assert NAME not in get("/stations/export.csv", there).text
    assert "/api/v1/stations/" in get("/reference/models", here).text
    assert "/api/v1/stations/" in get("/api/v1/_openapi", {}).text


def change(here: dict[str, str], key: int) -> None:
    """A change is kept, a move to another region is refused."""
    path = f"/api/v1/stations/{key}"
    client: Any = app.test_client()
    assert client.put(path, json={"staff": 9}, headers=here).json["result"]["staff"] == 9
    assert client.put(path, json={"region_code": "410102"}, headers=here).status_code == 403
    assert get(path, here).json["result"]["region_code"] == "410105"


if __name__ == "__main__":
    walk()
    print("walked")  # noqa: T201 - the test reads it

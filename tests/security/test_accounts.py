"""Who may open which account, and what of an account is ever shown."""

from itertools import product

import pytest
from flask_sqlalchemy import SQLAlchemy

from app.scope import acting_as
from app.security import PERMISSIONS, ROLES, find_account, may_grant, permission_names
from app.services import accounts
from app.services.refusals import Forbidden, Invalid, Missing
from models.account import Account
from models.event import Event
from tests.security.conftest import HERE, THERE, Scene, kept
from tests.support import factories
from tests.support.people import person

PROVINCE, CITY = "410000", "410100"
REGIONS = ("000000", PROVINCE, CITY, HERE, THERE, "419001", "110000", "110105", "510107")
OFFICE = {"platform": "000000", "province": PROVINCE, "city": CITY, "county": HERE}

# what each administrator may give, and where: everything else is refused
GIVES = {
    "platform_admin": {
        "platform_admin": {"000000"},
        "province_admin": {PROVINCE, "110000"},
        "province_reviewer": {PROVINCE, "110000"},
        "body_reviewer": {PROVINCE, "110000"},
        "auditor": set(REGIONS),
    },
    "province_admin": {
        "province_reviewer": {PROVINCE},
        "body_reviewer": {PROVINCE},
        "auditor": {PROVINCE, CITY, HERE, THERE, "419001"},
        "city_admin": {CITY},
        "county_admin": {HERE, THERE, "419001"},
        "county_reviewer": {HERE, THERE, "419001"},
        "organization": {PROVINCE, CITY, HERE, THERE, "419001"},
        "applicant": {PROVINCE, CITY, HERE, THERE, "419001"},
    },
    "city_admin": {
        "city_reviewer": {CITY},
        "county_admin": {HERE, THERE},
        "county_reviewer": {HERE, THERE},
        "organization": {CITY, HERE, THERE},
        "applicant": {CITY, HERE, THERE},
    },
    "county_admin": {
        "county_reviewer": {HERE},
        "organization": {HERE},
        "applicant": {HERE},
    },
}


@pytest.mark.parametrize("role", ROLES)
def test_nobody_gives_a_role_above_or_outside(role: str, db: SQLAlchemy) -> None:
    """The table of grants, read against every role in every region."""
    actor = factories.actor(role, OFFICE.get(role.partition("_")[0], HERE))
    tried = product(ROLES, REGIONS)
    given = {(wanted, region) for wanted, region in tried if may_grant(actor, wanted, region)}
    table = GIVES.get(role, {})
    assert given == {(wanted, region) for wanted, there in table.items() for region in there}


def test_every_permission_that_a_role_holds_exists() -> None:
    """A misspelt permission opens nothing and says nothing."""
    known = set(permission_names())
    assert {
        name: role.permissions - known for name, role in ROLES.items() if role.permissions - known
    } == {}
    granted = {code for role in ROLES.values() for code in role.grants}
    assert granted <= set(ROLES)
    assert known - set().union(*(role.permissions for role in ROLES.values())) == set()
    assert set(PERMISSIONS) >= {"workers", "applications", "console"}


def form(role: str, region_code: str, username: str = "new.person") -> dict[str, str]:
    return {"username": username, "name": "新人", "role": role, "region_code": region_code}


@pytest.mark.parametrize(
    ("role", "region_code"),
    [("county_admin", HERE), ("platform_admin", "000000"), ("county_reviewer", THERE), ("x", HERE)],
)
def test_a_county_administrator_opens_nothing_above_or_outside(
    role: str, region_code: str, scene: Scene
) -> None:
    actor = factories.actor("county_admin", HERE)
    with acting_as(actor), pytest.raises((Forbidden, Invalid)):
        accounts.open_account(form(role, region_code))
    admin = person(scene.app, "county_admin", HERE)
    answer = admin.post("/accounts/open", **form(role, region_code, "by.form"))
    assert answer.status_code in (403, 422)
    assert find_account(username="new.person") is None
    assert find_account(username="by.form") is None


def test_a_new_account_is_below_and_has_to_change_its_password(scene: Scene) -> None:
    admin = person(scene.app, "county_admin", HERE)
    page = admin.post("/accounts/open", **form("county_reviewer", HERE))
    made = find_account(username="new.person")
    assert made is not None
    assert set(made.role_codes) == {"county_reviewer"}
    assert made.region_code == HERE
    assert made.must_change_password
    assert made.password not in page.text


def test_nobody_gives_a_password_to_an_account_beside_or_above(scene: Scene) -> None:
    """The scope shows a county's administrators to each other; the grant is a second fence."""
    actor = factories.actor("county_admin", HERE)
    others = [
        factories.account("county_admin", HERE),
        factories.account("province_admin", HERE),
        scene.other.rows["accounts"],
    ]
    for row in others:
        for verb in (accounts.new_password, lambda key: accounts.set_active(key, False)):
            with acting_as(actor), pytest.raises((Forbidden, Missing)):
                verb(row.id)
        after = kept(Account, row.id)
        assert after is not None
        assert (after.password, after.active) == (row.password, True)


def test_a_role_that_was_added_later_counts_too(scene: Scene) -> None:
    """Given an account below that also holds a role above, then it is not below."""
    actor = factories.actor("province_admin", HERE)
    with acting_as(actor), pytest.raises(Forbidden):
        accounts.new_password(scene.insider.account.id)


def test_a_password_is_shown_nowhere(scene: Scene) -> None:
    """Neither the hash nor the columns of FAB's user beyond the name leave the portal."""
    row = scene.own.rows["accounts"]
    platform = person(scene.app, "platform_admin", "000000")
    answers = [
        platform.ask("accounts/"),
        platform.ask(f"accounts/{row.id}"),
        platform.ask("accounts/", columns=["password", "email", "username"]),
        platform.get("/accounts/list/"),
        platform.get(f"/accounts/show/{row.id}"),
        platform.get("/api/v1/_openapi"),
    ]
    assert [a.status_code for a in answers] == [200] * len(answers)
    secret = {"hash": row.password, "method": "pbkdf2", "other": "scrypt:", "phone": row.phone}
    for answer in answers:
        assert {name for name, text in secret.items() if text in answer.text} == set()
    assert set(answers[1].get_json()["result"]) <= {
        *("id", "region_code", "phone", "locked_until", "credentials_changed_at", "username"),
        *("last_name", "role", "active", "person_id"),
    }


@pytest.mark.parametrize("column", ["password", "email", "phone", "fail_login_count", "nothing"])
def test_a_column_that_is_not_shown_is_no_filter_and_no_order(column: str, scene: Scene) -> None:
    """Else sorting by the hash, or asking for its beginning, would tell it letter by letter."""
    platform = person(scene.app, "platform_admin", "000000")
    asked = [{"col": column, "opr": "sw", "value": "s"}]
    assert platform.ask("accounts/", filters=asked).get_json()["code"] == "bad_query"
    assert platform.ask("accounts/", order_column=column).get_json()["code"] == "bad_query"
    assert platform.get(f"/accounts/list/?order={column}").status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_account_is_written_by_verbs_alone(method: str, scene: Scene) -> None:
    """FAB's own view of users lets its holder become Admin."""
    row = scene.own.rows["accounts"]
    path = "accounts/" if method == "POST" else f"accounts/{row.id}"
    answer = scene.insider.send(method, path, {"roles": [1], "region_code": "000000"})
    assert answer.status_code == 405
    after = kept(Account, row.id)
    assert after is not None
    assert (after.region_code, after.active) == (HERE, True)
    assert find_account(id=row.id).role_codes == {"county_reviewer"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "path", ["/users/list/", "/roles/add", "/register/form", "/api/v1/security/users/"]
)
def test_the_screens_of_the_framework_are_off(path: str, scene: Scene) -> None:
    platform = person(scene.app, "platform_admin", "000000")
    assert platform.get(path).status_code == 404


def test_who_decides_can_be_named_so_that_own_cases_go_to_others(scene: Scene) -> None:
    """With the account, or later on its page; the applicant's own account stays what it is."""
    worker = factories.worker(HERE, name="李四")
    factories.applicant(worker)
    admin = person(scene.app, "county_admin", HERE)
    typed = form("county_reviewer", HERE) | {"person_id": str(worker.id)}
    assert admin.post("/accounts/open", **typed).status_code == 200
    opened = find_account(username="new.person")
    assert opened is not None
    assert (opened.person_id, opened.worker_id) == (worker.id, None)
    path = f"/accounts/person/{opened.id}"
    assert f"/accounts/person/{opened.id}" in admin.get(f"/accounts/show/{opened.id}").text
    assert "李四" in admin.get(path).text
    assert admin.post(path, person_id="").status_code == 302
    assert find_account(id=opened.id).person_id is None  # type: ignore[union-attr]
    verbs = [one.verb for one in factories.every(Event, subject=f"account:{opened.id}")]
    assert verbs == ["open", "name_person"]


def test_nobody_of_another_region_is_named_and_no_account_beside_or_above(scene: Scene) -> None:
    stranger = factories.worker(THERE)
    below = factories.account("county_reviewer", HERE)
    admin = person(scene.app, "county_admin", HERE)
    answer = admin.post(f"/accounts/person/{below.id}", person_id=str(stranger.id))
    assert answer.status_code == 422
    for role, region in (("county_admin", HERE), ("county_reviewer", THERE), ("applicant", HERE)):
        other = factories.account(role, region)
        answer = admin.post(f"/accounts/person/{other.id}", person_id="")
        assert answer.status_code in (403, 404)
    reviewer = person(scene.app, "county_reviewer", HERE)
    assert reviewer.post(f"/accounts/person/{below.id}", person_id="").status_code == 403

"""The register of national size, at the size of a village: what others' measurements count on."""

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, inspect, select

from app.rules import identifiers
from app.rules.certificate import check_number
from app.rules.workflow import IN_FLIGHT, State
from app.scope import acting_as, as_system
from app.security import actor_of, find_account
from app.services import audit, review
from app.services.demo import telling
from app.services.demo.people import story
from app.services.demo.scale import loading
from app.services.demo.scale.plan import Plan
from app.services.demo.scale.postgres import MARK
from app.services.demo.scale.rows import TABLES, Lines
from app.services.demo.scale.telling import tell
from app.services.refusals import Refusal
from app.vault import digest, unseal
from models.account import Account
from models.application import Application, Decision, Submission
from models.certificate import Certificate
from models.event import Event
from models.worker import Worker
from tests.support import databases
from tests.support.portal import Client

pytestmark = pytest.mark.slow

WORKERS, APPLICATIONS = 400, 1210


def load(seed: int = 1) -> list[str]:
    """A small register, without a word about its progress."""
    return list(tell(WORKERS, APPLICATIONS, seed, lambda _line: None))


@pytest.fixture
def loaded(db: SQLAlchemy) -> SQLAlchemy:
    """The database with a small register."""
    said = load()
    assert said[-2:] == [
        f"{WORKERS} workers",
        f"{APPLICATIONS} applications, {APPLICATIONS // 30} with their full history",
    ]
    return db


def schema(db: SQLAlchemy) -> dict[str, tuple[int, int, int, object]]:
    """How many indexes, references and unique rules each table has, and its key."""
    found = inspect(db.engine)
    return {
        table: (
            len(found.get_indexes(table)),
            len(found.get_foreign_keys(table)),
            len(found.get_unique_constraints(table)),
            found.get_pk_constraint(table)["constrained_columns"],
        )
        for table in found.get_table_names()
    }


def check_people() -> None:
    with as_system("a test looks") as session:
        workers = session.scalars(select(Worker).where(Worker.id > 1000)).all()
    assert len(workers) == WORKERS
    for one in workers:
        number = unseal(one.id_number_cipher)
        assert identifiers.check_id_number(number) is None
        assert one.id_number_digest == digest(number)
        assert one.id_number_masked == identifiers.mask_id_number(number)
    assert "410105" in {one.region_code for one in workers}


def check_cases() -> None:
    with as_system("a test looks") as session:
        cases = session.scalars(select(Application)).all()
        numbers = session.scalars(select(Certificate.number)).all()
        valid = session.scalars(
            select(Certificate.worker_id).where(Certificate.state == "valid")
        ).all()
        submitted = session.scalar(select(func.count(Submission.id)))
    states = Counter(one.state for one in cases)
    assert len(cases) == APPLICATIONS
    assert set(states) >= {State.draft, State.in_review, State.rejected, State.issued}
    assert states[State.issued] > APPLICATIONS / 2
    in_flight = [one.worker_id for one in cases if one.state in IN_FLIGHT]
    assert len(in_flight) == len(set(in_flight))
    assert submitted == APPLICATIONS - states[State.draft]
    assert len(numbers) == states[State.issued]
    assert all(check_number(number) for number in numbers)
    assert len(valid) == len(set(valid))


def check_history() -> None:
    with as_system("a test looks") as session:
        verbs = Counter(session.scalars(select(Event.verb)))
        first = select(Event.subject).where(Event.verb == "import", Event.seq == 1)
        imported = session.scalars(first).all()
        decided = session.scalar(select(func.count(func.distinct(Decision.decided_by))))
    assert verbs["import"] == len(set(imported)) == APPLICATIONS
    assert verbs["submit"] > 10
    assert verbs["approve"] > 10
    assert (decided or 0) > 3
    report = audit.verify()
    assert (list(report.words())[1:], report.sound) == ([], True)


def test_a_register_is_whole_and_its_log_is_sound(loaded: SQLAlchemy) -> None:
    check_people()
    check_cases()
    check_history()


def test_every_office_has_its_reviewer_with_the_password_of_the_readme(
    loaded: SQLAlchemy, sign_in: Callable[[str], Client]
) -> None:
    """Whatever waits has an office with an account that sees it, and opens it."""
    with as_system("a test looks") as session:
        waiting = session.scalars(
            select(Application.id).where(Application.state == "in_review")
        ).all()
    for key in waiting[:: max(len(waiting) // 6, 1)]:
        office = review.office_of(key)
        with as_system("a test looks") as session:
            people = session.scalars(select(Account).where(Account.region_code == office)).all()
            able = [p.username for p in people if any("review" in r for r in p.role_codes)]
        client = sign_in(able[0])
        assert client.get(f"/review/{key}").status_code == 200
        assert client.get("/review/").status_code == 200


def test_what_waits_can_be_decided(loaded: SQLAlchemy) -> None:
    """The rows are those that the portal itself would have written: its verbs go on with them."""
    account = find_account(username="province_11")
    assert account is not None
    with as_system("a test looks") as session:
        key = session.scalars(
            select(Application.id)
            .where(
                Application.state == "in_review",
                Application.province_code == "110000",
                Application.kind == "first",
            )
            .order_by(Application.id)
        ).first()
    assert key is not None
    with acting_as(actor_of(account)):
        assert review.decide(key, "approve").state in (State.approved, State.issued)
    with as_system("a test looks") as session:
        assert session.get_one(Application, key).state == State.issued
    assert audit.verify().sound


def test_the_loader_fills_every_column_that_has_to_be_filled(db: SQLAlchemy) -> None:
    """Whoever adds a column to one of these tables adds it to `TABLES` and to its rows as well."""
    missing = {
        f"{table}.{column.name}"
        for table, columns in TABLES.items()
        for column in db.metadata.tables[table].c
        if not column.nullable and column.server_default is None and column.name not in columns
    }
    assert not missing


def test_the_schema_is_afterwards_what_it_was_before(db: SQLAlchemy) -> None:
    before = schema(db)
    load()
    assert schema(db) == before


def test_the_same_seed_gives_the_same_register(db: SQLAlchemy) -> None:
    given: list[Lines] = []

    def remember(plan: Plan, _say: object) -> None:
        chunk = next(iter(loading.chunks(plan)))
        given.extend(loading.lines_of(plan, chunk) for _ in range(2))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.services.demo.scale.telling.load", remember)
        load()
    first, second = given
    assert {name for name in first if first[name] != second[name]} == {"worker"}
    without = [["\t".join(one.split("\t")[:9]) for one in lines["worker"]] for lines in given]
    assert without[0] == without[1]  # the ciphers alone are new each time


def test_a_load_that_was_cut_short_says_so_and_is_begun_again(
    db: SQLAlchemy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    before = schema(db)
    with monkeypatch.context() as broken:
        broken.setattr(loading, "CHUNK", 150)
        broken.setattr("app.services.demo.scale.postgres.dress", killed)
        broken.setattr(loading, "_values", killed)
        with pytest.raises(KeyboardInterrupt):
            load()
    assert inspect(db.engine).has_table(MARK)
    with pytest.raises(Refusal) as refused:
        list(telling.tell())
    assert refused.value.code == "half_loaded"
    load()
    check_cases()
    assert schema(db) == before


def test_a_database_with_data_is_refused(loaded: SQLAlchemy) -> None:
    with pytest.raises(Refusal, match="not_empty"):
        load()
    assert not inspect(loaded.engine).has_table(MARK)


@pytest.mark.database("sqlite")
def test_the_command_tells_its_progress_beside_the_result(app: Flask) -> None:
    name = f"{databases.worker()}_scale"
    databases.fresh("sqlite", name)
    said = databases.command("sqlite", name, "demo", "--workers", "60", "--seed", "2")
    assert said.splitlines()[-1] == "180 applications, 6 with their full history"
    assert "%" not in said


def test_the_story_has_a_reviewer_for_the_window(loaded: SQLAlchemy) -> None:
    """Where everybody comes at once in a window, the queue is longer than elsewhere."""
    window = story()["window"]["region"]
    with as_system("a test looks") as session:
        rows = session.execute(
            select(Application.province_code, func.count())
            .where(Application.state == "in_review")
            .group_by(Application.province_code)
        ).all()
    counts = dict(rows)
    assert counts[window] == max(counts.values())

"""Loading in chunks: each depends on nothing but the seed and its own numbers, so that it does not
matter which process writes it."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from random import Random
from time import monotonic
from typing import Any

from sqlalchemy import Boolean, Engine, Integer, LargeBinary, Numeric

from app.extensions import db
from app.services.demo.scale import cases, people, postgres
from app.services.demo.scale.case import Case
from app.services.demo.scale.people import FIRST_EXAM, FIRST_KEY
from app.services.demo.scale.plan import Plan, figures
from app.services.demo.scale.rows import NULL, TABLES, Lines, below, day_of

CHUNK = 4000
PROCESSES = 2
Say = Callable[[str], None]


@dataclass(frozen=True)
class Chunk:
    """Some workers, from one to before another, and so many applications and full histories."""

    number: int
    first: int
    end: int
    applications: int
    before: int
    full: int


def chunks(plan: Plan) -> Iterator[Chunk]:
    """The whole load in chunks whose sums are exact."""
    for number, first in enumerate(range(0, plan.workers, CHUNK)):
        end = min(first + CHUNK, plan.workers)
        shares = [plan.applications * at // plan.workers for at in (first, end)]
        full = [plan.full * at // plan.workers for at in (first, end)]
        yield Chunk(number, first, end, shares[1] - shares[0], shares[0], full[1] - full[0])


def lines_of(plan: Plan, chunk: Chunk) -> Lines:
    """The rows of a chunk, the same each time but for the ciphers of the identity numbers."""
    dice = Random(f"{plan.seed}:{chunk.number}")  # noqa: S311 - a demonstration, not a secret
    lines: Lines = {table: [] for table in TABLES}
    key = FIRST_KEY + chunk.before
    counts = _counts(dice, chunk.end - chunk.first, chunk.applications)
    everything: list[Case] = []
    for number, count in enumerate(counts, chunk.first):
        place = dice.choices(plan.places, cum_weights=plan.weights)[0]
        told = cases.turns(plan, dice, count) if count else []
        exam_year = (
            cases.exam_year_of(told[0][0])
            if told
            else FIRST_EXAM + below(dice, day_of(plan.now).year - FIRST_EXAM)
        )
        person = people.add(lines, plan, dice, FIRST_KEY + number, place, exam_year, count > 1)
        everything += cases.made(plan, dice, person, key, told)
        key += count
    _choose_full(dice, everything, chunk.full)
    for case in everything:
        cases.write(lines, plan, case)
    return lines


def _counts(dice: Random, workers: int, applications: int) -> list[int]:
    """How many applications each worker has, by the shares, and exactly so many together."""
    shares = figures()["turns"]
    counts = dice.choices(list(shares), shares.values(), k=workers)
    off = applications - sum(counts)
    while off:
        at = below(dice, workers)
        if off > 0:
            counts[at] += 1
        elif counts[at]:
            counts[at] -= 1
        else:
            continue
        off += -1 if off > 0 else 1
    return counts


def _choose_full(dice: Random, everything: list[Case], wanted: int) -> None:
    """Half of the full histories are those of cases that somebody still works with."""
    live = [case for case in everything if case.live]
    done = [case for case in everything if not case.live and case.state != "closed"]
    chosen = dice.sample(live, min(wanted // 2, len(live)))
    chosen += dice.sample(done, min(wanted - len(chosen), len(done)))
    for case in chosen:
        case.full = True


def load(plan: Plan, say: Say) -> None:
    """Write everything; on PostgreSQL from two processes, without keys until all is there."""
    engine = db.engine
    begun = monotonic()
    every = list(chunks(plan))
    written = 0
    for done in _written(engine, plan, every):
        written += done.applications
        share = written / max(plan.applications, 1)
        took = monotonic() - begun
        say(f"{written:,} of {plan.applications:,} applications, {took:.0f} s, {share:.0%}")
    if engine.dialect.name == "postgresql":
        postgres.dress(engine, say)
    say(f"{monotonic() - begun:.0f} s in all")


def _written(engine: Engine, plan: Plan, every: list[Chunk]) -> Iterator[Chunk]:
    if engine.dialect.name != "postgresql":
        yield from _insert(engine, plan, every)
        return
    address = postgres.address(engine)
    engine.dispose()  # a connection belongs to one process
    # forked, the processes have the plan and the keys already
    with ProcessPoolExecutor(PROCESSES, get_context("fork"), _begin, (plan, address)) as pool:
        begun = [pool.submit(_copy, chunk) for chunk in every]
        for one in as_completed(begun):
            yield one.result()


_given: list[Any] = []  # to a process, once: the plan is larger than a chunk


def _begin(plan: Plan, address: str) -> None:
    gc.disable()  # rows are in no cycles, and there are many of them
    _given[:] = plan, address


def _copy(chunk: Chunk) -> Chunk:
    plan, address = _given
    postgres.copy(address, lines_of(plan, chunk))
    return chunk


# Elsewhere: one transaction, with which the mark goes


def _insert(engine: Engine, plan: Plan, every: list[Chunk]) -> Iterator[Chunk]:
    readers = {table: _readers(table) for table in TABLES}
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for chunk in every:
            for table, lines in lines_of(plan, chunk).items():
                if lines:
                    marks = ", ".join("?" for _ in TABLES[table])
                    connection.exec_driver_sql(
                        f"INSERT INTO {table} ({', '.join(TABLES[table])}) VALUES ({marks})",  # noqa: S608
                        [_values(line, readers[table]) for line in lines],
                    )
            yield chunk
        connection.exec_driver_sql(f"DROP TABLE {postgres.MARK}")


def _readers(table: str) -> list[Callable[[str], Any]]:
    columns = db.metadata.tables[table].c
    return [_reader(columns[name].type) for name in TABLES[table]]


def _reader(kind: Any) -> Callable[[str], Any]:
    """How the text of a column becomes what SQLite keeps."""
    if isinstance(kind, Boolean):
        return lambda text: text == "t"
    if isinstance(kind, Integer):
        return int
    if isinstance(kind, Numeric):
        return float
    if isinstance(kind, LargeBinary):
        return str.encode
    return lambda text: text.replace("\\\\", "\\").removesuffix("+00")


def _values(line: str, readers: list[Callable[[str], Any]]) -> tuple[Any, ...]:
    texts = line.split("\t")
    return tuple(
        None if text == NULL else reader(text) for text, reader in zip(texts, readers, strict=True)
    )

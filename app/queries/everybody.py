"""Everybody on the register, some thousands at a time, in one process or in several."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Container, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.queries.holdings import Holdings, holdings
from app.rules import regions
from app.scope import UnscopedRead, as_system, within
from models.region import Region
from models.worker import Worker

Result = TypeVar("Result")
Progress = Callable[[int, int], None]

CHUNK = 4000
"""Workers that are read and judged at a time: what is in memory goes by this."""

MANY = 5 * CHUNK
"""From this many workers on, a second process is sooner done than it is started."""

WHY = "a register is counted as a whole, and only counts leave it"


class Chunk(NamedTuple):
    """The workers from one key to another, both included, and how many they are."""

    first: int
    last: int
    workers: int


class People(NamedTuple):
    """Some workers, each a row of id, region_code, born_on and real_name, and what they hold."""

    workers: Sequence[Row[*tuple[Any, ...]]]
    held: Holdings


def chunks(region_code: str) -> list[Chunk]:
    """All workers of a region's subtree, in the order of their keys."""
    with as_system(WHY) as session:
        query = select(Worker.id).where(within(Worker, region_code)).order_by(Worker.id)
        keys = session.scalars(query.execution_options(yield_per=CHUNK))
        found = []
        while some := list(islice(keys, CHUNK)):
            found.append(Chunk(some[0], some[-1], len(some)))
        return found


def people(session: Session, region_code: str, chunk: Chunk) -> People:
    """The workers of a chunk who are of the region, with their holdings: six statements.

    The session sees everything, and nothing is pending in it: its connection reads without making
    rows of entities, in half the time. Raises UnscopedRead for any other.
    """
    if not session.info.get("system"):
        raise UnscopedRead(WHY)
    reader = session.connection()
    columns = (Worker.id, Worker.region_code, Worker.born_on, Worker.real_name)
    query = select(*columns).where(Worker.id.between(*chunk[:2]), within(Worker, region_code))
    workers = reader.execute(query.order_by(Worker.id)).all()
    if chunk.last - chunk.first < 2 * chunk.workers:
        return People(workers, holdings(reader, lambda key: key.between(*chunk[:2])))
    keys = [worker.id for worker in workers]  # few among many of other regions
    return People(workers, holdings(reader, lambda key: key.in_(keys)))


def spread(
    work: Callable[[Chunk], Result], given: Sequence[Chunk], processes: int | None = None
) -> Iterator[tuple[Chunk, Result]]:
    """What `work` gives for each chunk, in no particular order.

    With more than one process (by default as many as there are cores, when the chunks are many)
    `work` runs in copies of this one, each with connections of its own, and what it gives is sent
    back; it must not be called where other threads are at work.
    """
    if processes is None:
        processes = len(os.sched_getaffinity(0)) if sum(c.workers for c in given) >= MANY else 1
    if processes == 1:
        yield from ((chunk, work(chunk)) for chunk in given)
        return
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, _begin, (work,)) as pool:
        yield from pool.imap_unordered(_carry_out, given)


def followed(
    root: str,
    work: Callable[[Chunk], Result],
    progress: Progress | None,
    processes: int | None,
) -> Iterator[Result]:
    """What `work` gives for each chunk of a region's workers; `progress` hears how many of how
    many workers are done."""
    given = chunks(root)
    done, total = 0, sum(chunk.workers for chunk in given)
    for chunk, result in spread(work, given, processes):
        yield result
        done += chunk.workers
        if progress:
            progress(done, total)


def region_names() -> dict[str, str]:
    """The name of every region."""
    with as_system("regions are everybody's to read") as session:
        return {row.code: row.name for row in session.execute(select(Region.code, Region.name))}


def next_below(root: str, code: str, existing: Container[str]) -> str:
    """The region directly below `root` in whose subtree a region lies; `root` for itself."""
    path = regions.ancestors(code)
    below = [one for one in path[: path.index(root)] if one in existing]
    return below[-1] if below else root


_work: Callable[[Chunk], Any]


def _begin(work: Callable[[Chunk], Any]) -> None:
    global _work  # a pool hands its processes nothing else that lasts
    _work = work
    gc.disable()  # a child that lives for minutes and makes no rings
    db.engine.dispose(close=False)  # the connections are the first process's


def _carry_out(chunk: Chunk) -> tuple[Chunk, Any]:
    return chunk, _work(chunk)

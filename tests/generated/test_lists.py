"""Lists: filters, order, pages by key in both directions, and a count that stops."""

import re
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.queries import listing
from app.scope import as_system
from models.base import Base
from models.columns import semantics_of
from models.credit import Credit
from models.worker import Worker
from tests.generated.conftest import HERE
from tests.support import factories
from tests.support.estates import DAY
from tests.support.people import Person, person
from views.contents import RESOURCES

THERE = "410102"
TITLE = re.compile(r"课(\d\d)")


@pytest.fixture
def credits(db: SQLAlchemy) -> list[int]:
    """Sixty credits on twenty days: three share a day, so that the key has to break ties."""
    worker = factories.worker(HERE)
    made = []
    for turn in range(60):
        credit = Credit(title=f"课{turn:02}", hours=1, source=("online", "offline")[turn % 2])
        credit.worker_id, credit.region_code = worker.id, HERE
        credit.taken_on = DAY + timedelta(days=turn // 3)
        made.append(credit)
    with as_system("a test makes what it needs") as session, session.begin():
        session.add_all(made)
    return [int(m) for m in range(60)]


def shown(page: str) -> list[int]:
    """The numbers of the credits on a page, in order, each once."""
    return list(dict.fromkeys(int(number) for number in TITLE.findall(page)))


def link(page: str, rel: str) -> str | None:
    """The address of the next or the previous page."""
    found = re.search(rf'href="([^"]*\b{rel}=[^"]*)"', page)
    return found[1].replace("&amp;", "&") if found else None


@pytest.mark.parametrize("order", ["", "?order=taken_on", "?order=taken_on&direction=asc"])
def test_pages_by_key_show_every_row_once_forwards_and_backwards(
    order: str, credits: list[int], office: Person
) -> None:
    url: str | None = f"/credits/list/{order}"
    forwards, pages = [], []
    while url:
        page = office.get(url).text
        pages.append(shown(page))
        forwards += shown(page)
        last, url = url, link(page, "after")
    expected = credits if "asc" in order else credits[::-1]
    assert forwards == expected
    assert [len(page) for page in pages] == [25, 25, 10]
    back = link(office.get(last).text, "before")
    assert back
    assert shown(office.get(back).text) == pages[1]
    first = link(office.get(back).text, "before")
    assert first
    assert shown(office.get(first).text) == pages[0]
    assert link(office.get(first).text, "before") is None


def test_a_page_stays_where_it_is_when_rows_come_before_it(
    credits: list[int], office: Person
) -> None:
    """An offset would show the last row of the first page again."""
    url = link(office.get("/credits/list/").text, "after")
    assert url
    before = shown(office.get(url).text)
    credit = Credit(title="课99", hours=1, source="online", taken_on=DAY)
    credit.worker_id, credit.region_code = factories.worker(HERE).id, HERE
    factories.keep(credit)
    assert shown(office.get(url).text) == before


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("source=online", set(range(0, 60, 2))),
        ("title=课1", set(range(10, 20))),
        ("title=课0&source=offline", {1, 3, 5, 7, 9}),
        ("title=%25", set()),
        ("title=_", set()),
        ("region_code=410000", set(range(60))),
        (f"region_code={THERE}", set()),
        ("source=", set(range(60))),
    ],
)
def test_a_filter_takes_what_it_says(
    query: str, expected: set[int], credits: list[int], office: Person
) -> None:
    answer = office.get(f"/credits/list/?{query}")
    assert answer.status_code == 200
    page = answer.text
    rows = re.findall(r"/credits/show/(\d+)", page)
    assert len(set(rows)) == min(len(expected), 25)
    exported = office.get(f"/credits/export.csv?{query}").text
    assert set(shown(exported)) == expected


def test_a_filter_is_kept_from_page_to_page_and_can_be_taken_off(
    credits: list[int], office: Person
) -> None:
    page = office.get("/credits/list/?source=online&order=taken_on").text
    after = link(page, "after")
    assert after
    assert "source=online" in after
    assert "order=taken_on" in after
    assert set(shown(office.get(after).text)) <= set(range(0, 60, 2))
    chip = re.search(r'class="chip" href="([^"]*)"', page)
    assert chip
    assert "source" not in chip[1]
    assert "after=" not in chip[1], "other rows begin at the first page"


def test_the_count_stops_at_its_cap(
    credits: list[int], office: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count(*) over three million rows takes a quarter of a second on every page."""
    assert "Records: 60" in office.get("/credits/list/").text
    monkeypatch.setattr(listing, "CAP", 20)
    assert "Records: 20+" in office.get("/credits/list/").text
    assert office.ask("credits/").get_json()["count"] == 21
    monkeypatch.setattr(listing, "CAP", 60)
    assert "Records: 60" in office.get("/credits/list/").text


BAD = [
    "?order=nothing",
    "?order=title",
    "?order=phone",
    "?after=abc",
    "?before=%C2%B2",
    "?after=99999999999999999999",
    "?worker_id=abc",
    "?worker_id=99999999999999999999",
    "?region_code=abc",
    "?created_at=2020-07-01",
    "?title=%00",
]


@pytest.mark.parametrize("query", BAD)
def test_what_is_not_offered_is_a_page_that_says_so(query: str, office: Person) -> None:
    """Stock FAB makes a 500 of most of these."""
    answer = office.get(f"/credits/list/{query}")
    assert answer.status_code == 400
    assert "<h1" in answer.text
    if "after" not in query and "before" not in query:
        assert office.get(f"/credits/export.csv{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "?page=abc",
        "?page_Credit=x&psize=1000000",
        "?endpoint=x&screen=y",
        "?_external=1&_scheme=javascript",
    ],
)
def test_an_argument_that_is_nobody_s_changes_nothing(
    query: str, credits: list[int], office: Person
) -> None:
    answer = office.get(f"/credits/list/{query}")
    assert answer.status_code == 200
    assert shown(answer.text) == credits[:-26:-1]
    assert "javascript:" not in answer.text


@pytest.mark.parametrize(
    "key", ["0", "999999999", "99999999999999999999", "abc", "%C2%B2", "-1", "1.0"]
)
@pytest.mark.parametrize("screen", ["show", "edit", "delete"])
def test_an_unknown_row_is_a_page_that_says_so(key: str, screen: str, office: Person) -> None:
    answer = office.get(f"/workers/{screen}/{key}")
    assert answer.status_code == 404
    assert "outside your region" in answer.text


def test_every_column_that_sorts_is_filled_in_every_row() -> None:
    """A comparison with an empty value is neither true nor false: rows would drop out of pages."""
    empty = [
        f"{resource.name}.{key}"
        for resource in RESOURCES
        for key, meaning in semantics_of(resource.model).items()
        if meaning.sort and resource.model.__table__.c[key].nullable
    ]
    assert empty == []


def test_every_list_sorts_and_searches_as_it_offers(office: Person, app: Flask) -> None:
    """Each head that sorts, sorts; each search box finds."""
    platform = person(app, "platform_admin", "000000")
    for resource in (r for r in RESOURCES if r.screens):
        page = platform.get(f"/{resource.name}/list/").text
        for url in set(re.findall(r'href="([^"]*order=[^"]*)"', page)):
            assert platform.get(url.replace("&amp;", "&")).status_code == 200, url
        if resource.searched:
            found = platform.get(f"/{resource.name}/list/?{resource.searched}=x")
            assert found.status_code == 200


@pytest.mark.database("sqlite")
def test_filters_of_one_request_are_not_another_s(app: Flask, db: SQLAlchemy) -> None:
    """FAB keeps one set of filters on the view: under threads 2,782 of 12,000 were wrong."""
    for region_code, name in ((HERE, "甲"), (THERE, "乙")):
        factories.worker(region_code, name=name)
    viewers = [
        (Person(app, factories.account("county_reviewer", region_code)), mine, asked)
        for region_code, mine in ((HERE, "甲"), (THERE, "乙"))
        for asked in "甲乙"
    ]
    wrong: list[str] = []
    together = Barrier(len(viewers))

    def look(who: Person, mine: str, asked: str) -> None:
        together.wait()
        for _ in range(15):
            page = who.get(f"/workers/list/?name={asked}").text
            wrong.extend(set(re.findall(r">\s*([甲乙])\s*<", page)) ^ ({mine} & {asked}))

    threads = [Thread(target=look, args=viewer) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_empty_choice_is_shown_and_sent_as_none(office: Person) -> None:
    """A nullable Enum column was a 500 in the form and a 422 in the API."""
    # a passport says nothing of it, while an identity card does
    worker = factories.worker(HERE, sex=None, id_type="passport")
    assert office.get(f"/workers/edit/{worker.id}").status_code == 200
    assert office.ask(f"workers/{worker.id}").get_json()["result"]["sex"] is None
    assert office.send("PUT", f"workers/{worker.id}", {"sex": "female"}).status_code == 200
    assert office.send("PUT", f"workers/{worker.id}", {"sex": None}).status_code == 200
    row: Any = factories.stored(Worker, worker.id)
    assert row.sex is None
    assert office.send("PUT", f"workers/{worker.id}", {"sex": "other"}).status_code == 422


def test_dates_of_the_test_are_in_order(credits: list[int]) -> None:
    """The ground of the paging tests: ties exist."""
    rows: list[Base] = []
    with as_system("a test looks") as session:
        rows = list(session.query(Credit))
    days = [row.taken_on for row in rows if isinstance(row, Credit)]
    assert len(set(days)) == 20
    assert min(days) == date(2020, 7, 1)

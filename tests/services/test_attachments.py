"""Files of notices and documents: attached to a draft by who publishes it, kept from the sweep."""

from collections.abc import Callable
from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from app.extensions import db as database
from app.queries import attachments as kept
from app.scope import Actor, acting_as, as_system
from app.services import attachments, publications, records, retention
from app.services.attachments import attach, detach
from app.services.materials import store
from app.services.refusals import Conflict, Forbidden, Invalid, Missing
from models.attachment import Attached, NoticeFile
from models.event import Event
from models.publication import Document, Notice
from tests.services.test_publications import draft
from tests.support import factories
from tests.support.uploads import office, pdf

pytestmark = pytest.mark.usefixtures("db")

MODELS = (Notice, Document)


@pytest.fixture
def publisher(db: SQLAlchemy) -> Actor:
    """Somebody of the association in Beijing who may publish."""
    return factories.actor("province_admin", "110000")


def names(model: Any, key: int) -> list[str]:
    """The names of the files of a row."""
    return [one.name for one in kept.of_rows(model, [key])[key]]


def acts(subject: str) -> list[tuple[str, str | None]]:
    """What the log holds on a row, and of which file."""
    rows = factories.every(Event, subject=subject)
    return [(row.verb, row.reason) for row in sorted(rows, key=lambda row: row.seq)]


def publish(model: Any, key: int, one: Actor) -> None:
    """Publish a draft by two people."""
    with acting_as(one):
        publications.propose(model, key)
    with acting_as(factories.actor("province_admin", one.region_code)):
        publications.confirm(model, key)


@pytest.mark.parametrize("model", MODELS)
def test_hn_08_several_files_hang_on_a_draft_each_with_its_event(
    model: Any, publisher: Actor
) -> None:
    key = draft(model)
    with acting_as(publisher):
        one = attach(model, key, "登记申请表.pdf", pdf())
        attach(model, key, r"C:\fakepath\汇总表.XLSX", office("xlsx"))
    assert names(model, key) == ["登记申请表.pdf", "汇总表.xlsx"]
    assert (one.media_type, one.size) == ("application/pdf", len(pdf()))
    assert attachments.content(one) == pdf()
    subject = f"{model.__tablename__}:{key}"
    assert acts(subject) == [("add_file", "登记申请表.pdf"), ("add_file", "汇总表.xlsx")]


def test_a_file_of_the_same_name_replaces_the_one_before(publisher: Actor) -> None:
    key = draft(Notice)
    with acting_as(publisher):
        attach(Notice, key, "a.pdf", pdf("one"))
        attach(Notice, key, "a.pdf", pdf("other"))
    (file,) = kept.of_rows(Notice, [key])[key]
    assert attachments.content(file) == pdf("other")
    assert acts(f"notice:{key}") == [("add_file", "a.pdf"), ("replace_file", "a.pdf")]


def test_the_same_file_twice_is_there_once(publisher: Actor) -> None:
    """A double click, and a copy under another name."""
    key = draft(Notice)
    with acting_as(publisher):
        assert attach(Notice, key, "a.pdf", pdf()).id == attach(Notice, key, "a.pdf", pdf()).id
        with pytest.raises(Invalid) as refused:
            attach(Notice, key, "b.pdf", pdf())
    assert "a.pdf" in refused.value.sentence.zh
    assert names(Notice, key) == ["a.pdf"]
    assert acts(f"notice:{key}") == [("add_file", "a.pdf")]


def test_a_refused_file_leaves_everything_as_it_was(publisher: Actor) -> None:
    key = draft(Notice)
    with acting_as(publisher), pytest.raises(Invalid) as refused:
        attach(Notice, key, "a.pdf", b"<script>alert(1)</script>")
    assert refused.value.code == "other"
    assert (names(Notice, key), acts(f"notice:{key}")) == ([], [])


def test_there_is_an_end_to_how_many(publisher: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST", 1)
    key = draft(Notice)
    with acting_as(publisher):
        attach(Notice, key, "a.pdf", pdf())
        attach(Notice, key, "a.pdf", pdf("other"))  # to replace is no more
        with pytest.raises(Invalid) as refused:
            attach(Notice, key, "b.pdf", pdf("third"))
    assert refused.value.code == "enough"


VERBS: dict[str, Callable[[int, int], Any]] = {
    "attach": lambda key, _file: attach(Notice, key, "b.pdf", pdf("b")),
    "detach": lambda key, file: detach(Notice, key, file),
}


@pytest.mark.parametrize("name", VERBS)
def test_what_two_people_published_keeps_its_files(publisher: Actor, name: str) -> None:
    key, verb = draft(Notice), VERBS[name]
    with acting_as(publisher):
        file = attach(Notice, key, "a.pdf", pdf())
        publications.propose(Notice, key)
        with pytest.raises(Conflict):
            verb(key, file.id)
        publications.retract(Notice, key)
    publish(Notice, key, publisher)
    with acting_as(publisher), pytest.raises(Conflict):
        verb(key, file.id)
    assert names(Notice, key) == ["a.pdf"]


def test_a_file_is_taken_out_of_its_own_row_alone(publisher: Actor) -> None:
    key, other = draft(Notice), draft(Notice)
    with acting_as(publisher):
        file = attach(Notice, key, "a.pdf", pdf())
        with pytest.raises(Missing):
            detach(Notice, other, file.id)
        detach(Notice, key, file.id)
        with pytest.raises(Missing):
            detach(Notice, key, file.id)
    assert names(Notice, key) == []
    assert acts(f"notice:{key}")[-1] == ("remove_file", "a.pdf")


@pytest.mark.parametrize("model", MODELS)
def test_another_region_neither_attaches_nor_takes_out(model: Any, publisher: Actor) -> None:
    key = draft(model)
    with acting_as(publisher):
        file = attach(model, key, "a.pdf", pdf())
    with acting_as(factories.actor("province_admin", "410000")):
        for verb in (
            lambda: attach(model, key, "b.pdf", pdf("b")),
            lambda: detach(model, key, file.id),
        ):
            with pytest.raises(Missing):
                verb()
    with acting_as(factories.actor("body_reviewer", "110000")), pytest.raises(Forbidden):
        attach(model, key, "b.pdf", pdf("b"))
    assert names(model, key) == ["a.pdf"]


def test_files_move_and_go_with_their_row(publisher: Actor) -> None:
    key = draft(Notice)
    with acting_as(publisher):
        file = attach(Notice, key, "a.pdf", pdf())
        records.update(Notice, key, {"region_code": "110105"})
        assert factories.stored(NoticeFile, file.id).region_code == "110105"
        records.remove(Notice, key)
    assert factories.every(NoticeFile) == []


def _digest(file: Attached) -> bool:
    return store().exists(file.digest)


def test_the_sweep_keeps_what_is_attached_and_takes_what_was_taken_out(
    publisher: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BEING_STORED", -retention.BEING_STORED)
    key, paper = draft(Notice), draft(Document)
    with acting_as(publisher):
        stays = attach(Notice, key, "a.pdf", pdf("stays"))
        also = attach(Document, paper, "a.docx", office())
        goes = attach(Notice, key, "b.pdf", pdf("goes"))
        detach(Notice, key, goes.id)
    retention.erase_files([stays.digest, also.digest, goes.digest])
    retention.sweep()
    assert (_digest(stays), _digest(also), _digest(goes)) == (True, True, False)


def test_a_file_that_is_swept_before_its_row_is_written_is_stored_again(
    publisher: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = draft(Notice)
    plain = attachments._place

    def swept(*given: Any) -> Attached:
        file = plain(*given)
        (store().root / file.digest[:2] / file.digest[2:4] / file.digest).unlink()
        return file

    monkeypatch.setattr(attachments, "_place", swept)
    with acting_as(publisher):
        assert _digest(attach(Notice, key, "a.pdf", pdf()))


def test_an_office_sees_the_rows_of_files_of_its_region_alone(publisher: Actor) -> None:
    key = draft(Notice)
    with acting_as(publisher):
        attach(Notice, key, "a.pdf", pdf())

    for region, many in (("110000", 1), ("410000", 0)):
        with acting_as(factories.actor("province_admin", region)):
            assert len(database.session.scalars(select(NoticeFile)).all()) == many
            database.session.rollback()
    with as_system("a test looks") as session:
        assert session.scalars(select(NoticeFile)).one().province_code == "110000"

"""Policies in the database: files are published once, and the nearest one in force applies."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select

from app.queries import policies
from app.queries.policies import policy_for, policy_of
from app.queries.windows import StoredWindow
from app.scope import as_system
from app.services import policies as publishing
from models.base import Base
from models.policy import Dictionary, DictionaryItem, Policy
from models.publication import Contact, Notice, Window
from tests.support.factories import keep

pytestmark = pytest.mark.usefixtures("db")

JULY = date(2020, 7, 10)


def count(model: type[Base]) -> int:
    with as_system("a test looks") as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def install() -> None:
    with as_system("a test installs") as session, session.begin():
        publishing.install(session)


def test_installing_again_adds_nothing() -> None:
    models = (Policy, Window, Notice, Contact, Dictionary, DictionaryItem)
    before = [count(model) for model in models]
    install()
    assert [count(model) for model in models] == before
    assert before[0] == 5


@pytest.mark.slow
def test_a_changed_file_is_the_next_edition_and_the_earlier_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in policies.SEEDS.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    data = yaml.safe_load((tmp_path / "beijing.yaml").read_text("utf-8"))
    data["kinds"]["first"]["submitted"]["zh"] = "收到了"
    (tmp_path / "beijing.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    monkeypatch.setattr(publishing, "SEEDS", tmp_path)
    windows = count(Window)

    install()

    assert policy_for("110105", JULY).version == 2
    assert policy_for("110105", JULY).kinds["first"].submitted.zh == "收到了"
    assert policy_of("beijing", 1).kinds["first"].submitted.zh.startswith("您的登记申请表已提交")
    assert policy_for("510107", JULY).version == 1  # its own file is as it was
    assert count(Window) == windows  # opened once; afterwards they are the office's


def test_what_an_office_took_back_does_not_come_again() -> None:
    with as_system("a test retracts") as session, session.begin():
        window = session.scalars(select(Window).where(Window.policy_code == "beijing")).one()
        window.state = "draft"
    install()
    assert policy_for("110105", JULY).windows == ()


@pytest.mark.parametrize(
    ("region", "code"),
    [("110105", "beijing"), ("110000", "beijing"), ("510107", "chengdu"), ("000000", "national")],
)
def test_the_nearest_ancestor_s_policy_applies(region: str, code: str) -> None:
    assert policy_for(region, JULY).code == code


def test_a_policy_holds_from_its_day_to_its_day() -> None:
    with as_system("a test ends it") as session, session.begin():
        row = session.scalars(select(Policy).where(Policy.code == "beijing")).one()
        row.effective_until = date(2020, 7, 10)
    assert policy_for("110105", date(2020, 7, 10)).code == "beijing"
    assert policy_for("110105", date(2020, 7, 11)).code == "national"
    with pytest.raises(LookupError):
        policy_for("110105", date(2008, 12, 31))


def test_ba_01_ba_03_the_announced_window_is_published_with_its_legal_basis() -> None:
    window = policy_for("110105", JULY).window_near("first", JULY)
    assert isinstance(window, StoredWindow)
    assert (window.opens_on, window.closes_on) == (date(2020, 7, 1), date(2020, 7, 31))
    with as_system("a test looks") as session:
        assert "民发〔2009〕44号" in (session.get_one(Window, window.id).legal_basis or "")


def test_ba_28_the_announcement_is_a_notice_with_issuer_day_link_and_window() -> None:
    with as_system("a test looks") as session:
        notice = session.scalars(select(Notice).where(Notice.region_code == "110000")).one()
        window = session.get_one(Window, notice.window_id)
    assert (notice.issuer, notice.issued_on) == ("北京市民政局", date(2020, 6, 29))
    assert notice.issued_on < window.opens_on  # BA-30
    assert "233.com" in (notice.link or "")
    assert "2020年7月1日-2020年7月31日" in notice.body


def test_only_published_windows_of_the_region_s_path_count() -> None:
    elsewhere = {"policy_code": "beijing", "kinds": ["first"], "title": "测试", "overrides": {}}
    days = {"opens_on": date(2021, 7, 1), "closes_on": date(2021, 7, 31)}
    keep(Window(region_code="110105", state="published", **elsewhere, **days))
    keep(Window(region_code="110000", state="draft", **elsewhere, **days))
    on = date(2021, 7, 5)
    assert policy_for("110105", on).is_open("first", on)
    assert not policy_for("110102", on).is_open("first", on)


def test_forms_offer_what_the_console_s_dictionaries_offer() -> None:
    with as_system("a test edits") as session, session.begin():
        dictionary = session.scalars(select(Dictionary).where(Dictionary.code == "education")).one()
        session.scalars(
            select(DictionaryItem).where(
                DictionaryItem.dictionary_id == dictionary.id, DictionaryItem.code == "basic"
            )
        ).one().active = False
        session.add(
            DictionaryItem(
                dictionary_id=dictionary.id, code="postdoc", zh="博士后", en="Postdoc", position=99
            )
        )
    kind = policy_for("110105", JULY).kind_on("first", JULY)
    offered = policies.with_dictionaries(kind)
    education = next(spec for spec in offered.fields if spec.name == "education")
    assert education.choice("postdoc") is not None
    assert education.choice("basic") is None
    old = policies.with_dictionaries(kind, retired=True)
    assert next(spec for spec in old.fields if spec.name == "education").choice("basic")
    # what the code decides by is no dictionary: the window offers post alone (BA-25)
    delivery = next(spec for spec in offered.fields if spec.name == "delivery")
    assert [choice.code for choice in delivery.choices] == ["post"]

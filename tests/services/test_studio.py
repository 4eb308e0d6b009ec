"""The studio: a draft becomes an edition by two people, and what is in force stays until then."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.queries import policies, studio
from app.queries.policies import policy_for, policy_of, policy_of_case
from app.queries.policy_texts import Texts
from app.scope import Actor
from app.services import applications
from app.services import policies as publishing
from app.services import studio as verbs
from app.services.refusals import Conflict, Forbidden, Invalid, Missing, Refusal
from models.draft import PolicyDraft
from models.event import Event
from models.policy import Policy
from models.publication import Contact, Notice, Window
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import acting, every, stored

pytestmark = pytest.mark.usefixtures("db")

TODAY = date(2020, 7, 10)
SAID = "您的登记申请表已提交"
NEW = "材料已收到"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    """Business time stands still in the window of the announcement of 2020."""
    with clock.frozen(factories.IN_WINDOW):
        yield


def admin() -> Actor:
    """Somebody new who may use the console."""
    return factories.actor("platform_admin", "000000")


def text_of(code: str = "beijing") -> str:
    """The text in force."""
    row = studio.in_force(code)
    assert row is not None
    return Texts.of(row.source).own


def changed(who: Actor, code: str = "beijing", before: str = SAID, after: str = NEW) -> PolicyDraft:
    """A draft with one change that matters to applicants."""
    with acting(who):
        draft = verbs.begin(code)
        return verbs.save(draft.id, draft.text.replace(before, after), draft.version)


def proposed(who: Actor, day: date | None = TODAY, **change: str) -> PolicyDraft:
    """A draft that only has to be published."""
    draft = changed(who, **change)
    with acting(who):
        return verbs.propose(draft.id, draft.version, day)


def published(day: date = TODAY, **change: str) -> PolicyDraft:
    """A draft that two people have made an edition."""
    draft = proposed(admin(), day, **change)
    with acting(admin()):
        return verbs.publish(draft.id, draft.version)


def refused(kind: type[Refusal], act: Callable[..., Any], *args: Any) -> Refusal:
    """The refusal of a verb."""
    with pytest.raises(kind) as said:
        act(*args)
    return said.value


def test_a_draft_begins_with_the_text_in_force_to_the_byte() -> None:
    with acting(admin()):
        draft = verbs.begin("beijing")
    shipped = (policies.SEEDS / "beijing.yaml").read_bytes()
    assert stored(PolicyDraft, draft.id).text.encode() == shipped
    assert (draft.state, draft.base_edition) == ("draft", 1)


def test_a_new_policy_begins_empty_or_with_another_s_text_under_its_own_name() -> None:
    with acting(admin()):
        assert verbs.begin("hunan").text == "code: hunan\n"
        copied = verbs.begin("hunan-2", "national").text
    assert "\ncode: hunan-2\n" in copied
    assert copied.count("\n") == text_of("national").count("\n")


@pytest.mark.parametrize("code", ["", "Hunan", "湖南", "a b", "-", "x" * 41, "a/b"])
@pytest.mark.database("sqlite")
def test_a_code_is_small_letters_digits_and_hyphens(code: str) -> None:
    with acting(admin()):
        refused(Invalid, verbs.begin, code)


def test_a_policy_has_one_open_draft() -> None:
    with acting(admin()):
        draft = verbs.begin("beijing")
        assert refused(Conflict, verbs.begin, "beijing").code == "exists"
        verbs.discard(draft.id, draft.version)
        assert verbs.begin("beijing").id != draft.id
        refused(Missing, verbs.begin, "hunan", "nowhere")


def test_what_is_wrong_may_be_saved_and_may_not_be_proposed() -> None:
    with acting(admin()):
        draft = verbs.begin("beijing")
        draft = verbs.save(draft.id, "code: [", draft.version)
        assert stored(PolicyDraft, draft.id).text == "code: ["
        refused(Invalid, verbs.propose, draft.id, draft.version, TODAY)
    assert stored(PolicyDraft, draft.id).state == "draft"


def test_the_second_of_two_savers_is_told_and_nothing_is_overwritten() -> None:
    one, two = admin(), admin()
    with acting(one):
        draft = verbs.begin("beijing")
    key, seen = draft.id, draft.version
    with acting(two):
        verbs.save(key, "code: beijing\n# theirs\n", seen)
    with acting(one):
        assert refused(Conflict, verbs.save, key, "code: beijing\n# mine\n", seen).code == "stale"
    kept = stored(PolicyDraft, key)
    assert (kept.text, kept.edited_by) == ("code: beijing\n# theirs\n", two.account_id)


@pytest.mark.parametrize("verb", [verbs.publish, verbs.send_back])
def test_only_what_was_proposed_is_published_or_sent_back(verb: Callable[..., Any]) -> None:
    draft = changed(admin())
    more = () if verb is verbs.publish else ("Why?",)
    with acting(admin()):
        assert refused(Conflict, verb, draft.id, draft.version, *more).code == "closed"


def test_neither_the_proposer_nor_the_last_editor_publishes() -> None:
    editor, proposer, third = admin(), admin(), admin()
    draft = changed(editor)
    with acting(proposer):
        draft = verbs.propose(draft.id, draft.version, TODAY)
    key, version = draft.id, draft.version
    for who in (editor, proposer):
        with acting(who):
            assert refused(Forbidden, verbs.publish, key, version).code == "second_person"
    with acting(third):
        done = verbs.publish(key, version)
    assert (done.state, done.edition, done.confirmed_by) == ("published", 2, third.account_id)


def test_what_is_proposed_cannot_be_changed_until_it_is_sent_back_with_a_reason() -> None:
    one, two = admin(), admin()
    draft = proposed(one)
    with acting(one):
        refused(Conflict, verbs.save, draft.id, "code: beijing\n", draft.version)
    with acting(two):
        refused(Invalid, verbs.send_back, draft.id, draft.version, "  ")
        back = verbs.send_back(draft.id, draft.version, "请保留原文")
    assert (back.state, back.remark, back.proposed_by) == ("draft", "请保留原文", None)
    with acting(one):
        assert verbs.save(back.id, back.text + "# 已改\n", back.version).remark is None


@pytest.mark.parametrize("day", [None, date(2020, 7, 9), date(2020, 1, 1)])
def test_an_edition_holds_from_today_or_a_later_day(day: date | None) -> None:
    draft = changed(admin())
    with acting(admin()):
        refused(Invalid, verbs.propose, draft.id, draft.version, day)


def test_a_text_that_ends_before_its_day_is_not_proposed() -> None:
    draft = changed(admin(), before="labels:", after="effective_until: 2020-07-31\nlabels:")
    with acting(admin()):
        refused(Invalid, verbs.propose, draft.id, draft.version, date(2020, 8, 1))
        assert verbs.propose(draft.id, draft.version, date(2020, 7, 31)).state == "proposed"


def test_the_edition_before_stays_in_force_until_the_day() -> None:
    published(date(2020, 8, 1))
    assert policy_for("110105", date(2020, 7, 31)).version == 1
    august = policy_for("110105", date(2020, 8, 1))
    assert (august.version, august.effective_from) == (2, date(2020, 8, 1))
    assert august.kinds["first"].submitted.zh.startswith(NEW)


def test_of_two_editions_the_one_that_begins_last_applies() -> None:
    published(date(2020, 9, 1), after="九月起")
    published(TODAY, after="即日起")
    on = [date(2020, 8, 31), date(2020, 9, 1)]
    assert [policy_for("110105", day).version for day in on] == [3, 2]
    row = next(row for row in every(Policy, code="beijing") if row.edition == 2)
    with factories.changing(row) as ended:
        ended.effective_until = date(2020, 9, 30)
    # an edition that ends gives way to the one that would apply without it
    assert policy_for("110105", date(2020, 10, 1)).version == 3


def test_a_day_that_passes_before_the_confirmation_becomes_the_day_of_it() -> None:
    draft = proposed(admin(), TODAY)
    with acting(admin(), "2020-07-20T09:00"):
        done = verbs.publish(draft.id, draft.version)
    assert done.effective_from == date(2020, 7, 20)
    assert policy_for("110105", date(2020, 7, 19)).version == 1


@pytest.mark.slow
def test_a_published_edition_changes_drafts_and_no_case_that_was_submitted() -> None:
    submitted = case(submitted=True)
    who = factories.applicant()
    draft = case(who)
    published()
    kept = policy_of_case(stored(type(submitted), submitted.id))
    assert (kept.version, kept.kinds["first"].submitted.zh.startswith(SAID)) == (1, True)
    with acting(who):
        form = applications.form_of(stored(type(draft), draft.id))
        assert form.policy.version == 2
        applications.submit(draft.id, agreed=["truth"])
    assert policy_of_case(stored(type(draft), draft.id)).version == 2


def test_a_later_edition_leaves_the_offices_windows_notices_and_contacts_alone() -> None:
    before = [[row.id for row in every(model)] for model in (Window, Notice, Contact)]
    published(before="2020-07-31", after="2020-08-31")
    assert [[row.id for row in every(model)] for model in (Window, Notice, Contact)] == before
    assert not policy_for("110105", date(2020, 8, 5)).is_open("first", date(2020, 8, 5))


@pytest.mark.slow
def test_the_first_edition_of_a_new_policy_brings_its_windows() -> None:
    with acting(admin()):
        draft = verbs.begin("hunan", "beijing")
        text = draft.text.replace('region_code: "110000"', 'region_code: "430000"')
        draft = verbs.save(draft.id, text, draft.version)
        draft = verbs.propose(draft.id, draft.version, TODAY)
    with acting(admin()):
        verbs.publish(draft.id, draft.version)
    assert policy_for("430102", TODAY).code == "hunan"
    assert [row.policy_code for row in every(Window)].count("hunan") == 1


@pytest.mark.parametrize("region", ["999999", "510000", "000000"])
def test_a_policy_stays_in_a_region_that_exists(region: str) -> None:
    text = text_of().replace('region_code: "110000"', f'region_code: "{region}"')
    policy, faults = studio.inspected("beijing", text)
    assert policy is None
    assert "region_code" in [fault.path for fault in faults]


def test_a_stage_is_at_a_level_that_exists_in_the_region() -> None:
    text = text_of().replace("- level: province", "- level: city")  # a municipality has no cities
    _policy, faults = studio.inspected("beijing", text)
    line = next(n for n, part in enumerate(text.splitlines(), 1) if "level: city" in part)
    assert line in {fault.line for fault in faults}
    assert "110000" in faults[0].message.zh


def test_a_policy_that_takes_another_s_place_says_so() -> None:
    policy, _faults = studio.inspected("new", text_of().replace("code: beijing", "code: new"))
    assert policy is not None
    assert studio.taken_over(policy) == ["beijing"]


def test_a_text_that_changes_nothing_is_not_proposed() -> None:
    with acting(admin()):
        draft = verbs.begin("beijing")
        assert refused(Conflict, verbs.propose, draft.id, draft.version, TODAY).code == "unchanged"


def test_what_a_policy_extends_is_what_is_in_force_and_stays_with_the_edition() -> None:
    text = 'code: hunan\nregion_code: "430000"\nextends: national\nlabels: national\n'
    with acting(admin()):
        draft = verbs.begin("hunan")
        draft = verbs.save(draft.id, text, draft.version)
        draft = verbs.propose(draft.id, draft.version, TODAY)
    with acting(admin()):
        verbs.publish(draft.id, draft.version)
    kept = policy_of("hunan", 1)
    assert kept.kinds.keys() == policy_of("national", 1).kinds.keys()
    row = studio.in_force("hunan")
    assert row is not None
    assert Texts.of(row.source).own == text


def test_every_act_is_an_event_of_the_policy() -> None:
    draft = proposed(admin())
    with acting(admin()):
        draft = verbs.send_back(draft.id, draft.version, "再看看")
        draft = verbs.propose(draft.id, draft.version, TODAY)
    with acting(admin()):
        verbs.publish(draft.id, draft.version)
    events = every(Event, subject="policy:beijing")
    acts = ["begin_draft", "save", "propose", "send_back", "propose", "publish"]
    assert [event.verb for event in events] == acts
    assert [event.to_state for event in events][-2:] == ["proposed", "published"]
    assert events[-1].policy == "beijing@2"
    assert events[3].reason == "再看看"


@pytest.mark.parametrize("role", ["province_admin", "province_reviewer", "auditor", "applicant"])
def test_the_studio_is_for_platform_administrators(role: str) -> None:
    draft = changed(admin())
    acts: list[tuple[Any, ...]] = [
        (verbs.begin, "hunan"),
        (verbs.begin_with, b"code: hunan"),
        (verbs.save, draft.id, "code: beijing", draft.version),
        (verbs.propose, draft.id, draft.version, TODAY),
        (verbs.send_back, draft.id, draft.version, "?"),
        (verbs.publish, draft.id, draft.version),
        (verbs.discard, draft.id, draft.version),
    ]
    links = {"worker_id": factories.worker().id} if role == "applicant" else {}
    with acting(factories.actor(role, "110000", **links)):
        for act, *args in acts:
            refused(Forbidden, act, *args)


@pytest.mark.parametrize(
    "content", [b"", b"# nothing\n", b"\xff\xfe", b"code: x\n\x00", b"code: " + b"x" * 500_000]
)
@pytest.mark.database("sqlite")
def test_a_file_that_can_be_no_policy_is_refused(content: bytes) -> None:
    with acting(admin()):
        refused(Invalid, verbs.begin_with, content)


def test_a_file_comes_in_and_goes_out_to_the_byte() -> None:
    content = "# 备注\r\ncode: hunan   # 湖南\r\n\r\n".encode()
    with acting(admin()):
        draft = verbs.begin_with(content)
        assert stored(PolicyDraft, draft.id).text.encode() == content
        refused(Invalid, verbs.replace, draft.id, b"code: hubei\n", draft.version)
        replaced = verbs.replace(draft.id, content + b"# end", draft.version)
    assert stored(PolicyDraft, replaced.id).text.encode() == content + b"# end"


def shipped_with(tmp_path: Path, name: str, before: str, after: str) -> Path:
    """The folder of shipped policies with one text changed."""
    for path in policies.SEEDS.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / name).read_text("utf-8")
    assert before in text
    (tmp_path / name).write_text(text.replace(before, after, 1), "utf-8")
    return tmp_path / name


OVERLAP = """\
windows:
  - title: {zh: 重叠的批次, en: One that overlaps}
    kinds: [first]
    opens_on: 2020-06-15
    closes_on: 2020-07-05
"""
BREAKS = [  # the file, what is changed to what, and what stands on the line that is told
    ("beijing.yaml", "opens: window", "opns: window", "opns: window"),
    ("beijing.yaml", "exam_year:", "exam_yeer:", "exam_yeer:"),
    ("beijing.yaml", "level: province", "level: village", "- level: village"),
    ("beijing.yaml", "level: province", "level: city", "- level: city"),
    (
        "beijing.yaml",
        "never_registered: {}",
        "never_registered: {}\n      registered: {}",
        "registered",
    ),
    ("beijing.yaml", "windows:\n", OVERLAP, "opens_on: 2020-07-01"),
    ("chengdu.yaml", "verdicts: [reject, return]", "verdicts: [approve]", "verdicts: [approve]"),
    ("chengdu.yaml", "  form_unstamped:", "  Form-1:", "Form-1:"),
    ("chengdu.yaml", "en: Form not stamped}", "}", "label: {zh: 未盖章"),
    ("chengdu.yaml", "en: The form that you", "en: " + "x" * 501 + " The form that you", "en: xxx"),
    ("national.yaml", "code: national", "coed: national", "coed: national"),
    ("national.yaml", "kinds:", "kinds: [", "kinds: ["),
    ("labels.yaml", "draft: {zh:", "draft: {hz:", "draft: {hz:"),
    ("fields.yaml", "kind: text", "kind: txt", "kind: txt"),
]


@pytest.mark.parametrize(("name", "before", "after", "where"), BREAKS)
@pytest.mark.database("sqlite")
def test_a_broken_file_is_told_by_line_and_what_is_in_force_stays(
    app: Flask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    before: str,
    after: str,
    where: str,
) -> None:
    path = shipped_with(tmp_path, name, before, after)
    monkeypatch.setattr(publishing, "SEEDS", tmp_path)
    editions = [(row.code, row.edition) for row in every(Policy)]
    ended = app.test_cli_runner().invoke(args=["portal", "init"])
    assert ended.exit_code == 1
    found = path.read_text("utf-8").splitlines()
    lines = [n for n, text in enumerate(found, 1) if text.strip().startswith(where)]
    assert any(f"{path}:{line}: " in ended.stderr for line in lines)
    assert [(row.code, row.edition) for row in every(Policy)] == editions
    assert policy_for("110105", TODAY).version == 1


def test_a_file_is_checked_exported_and_imported_by_command(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    shipped = policies.SEEDS / "beijing.yaml"
    sound = run(args=["portal", "policy", "check", str(shipped)])
    assert (sound.exit_code, sound.output) == (0, "")
    broken = tmp_path / "mine.yaml"
    text = shipped.read_text("utf-8").replace("opens: window", "opns: window")
    broken.write_text(text, "utf-8")
    told = run(args=["portal", "policy", "check", str(broken)])
    assert told.exit_code == 1
    assert all(line.startswith(f"{broken}:") for line in told.output.splitlines())

    args = ["portal", "policy", "import", str(broken), "--from", "2020-09-01"]
    assert run(args=args).exit_code == 0
    assert run(args=args).exit_code == 1  # there is a draft
    (draft,) = every(PolicyDraft)
    assert (draft.text, draft.state, draft.effective_from) == (text, "draft", date(2020, 9, 1))
    assert policy_for("110105", date(2020, 9, 1)).version == 1

    published_text = run(args=["portal", "policy", "export", "beijing", "--edition", "1"])
    assert published_text.stdout_bytes == shipped.read_bytes()
    assert run(args=["portal", "policy", "export", "beijing", "--edition", "9"]).exit_code == 1


def test_an_imported_draft_needs_two_people_as_well(app: Flask) -> None:
    draft = verbs.begin_unattended(text_of().replace(SAID, NEW).encode())
    one, two = admin(), admin()
    with acting(one):
        draft = verbs.propose(draft.id, draft.version, TODAY)
        refused(Forbidden, verbs.publish, draft.id, draft.version)
    with acting(two):
        assert verbs.publish(draft.id, draft.version).edition == 2


@pytest.mark.parametrize("code", ["a\\q", "\\g<0>", "a\x00b", "A B"])
def test_a_code_that_is_none_is_refused_before_anything_is_made_of_it(code: str) -> None:
    with acting(admin()), pytest.raises(Invalid):
        verbs.begin(code, "national")

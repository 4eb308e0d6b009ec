"""The review desk: what waits, one case on one screen, the decision."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.scope import as_system
from app.services import applications, review
from models.application import Application, Material
from models.certificate import Certificate
from models.credit import Credit
from models.event import Event
from tests.services.test_credits import renewal
from tests.support import factories
from tests.support.cases import REASON, case, decide
from tests.support.factories import acting, stored
from tests.views.people import Person, applicant, person, text


def body(app: Flask) -> Person:
    """A reviewer of the handling body."""
    return person(app, "body_reviewer", "110000")


def test_a_submitted_case_waits_at_its_office_and_nowhere_else(app: Flask) -> None:
    made = case(submitted=True)
    draft = case()
    shown = body(app).page("/review/")
    assert made.reference in shown
    assert "110105********" in shown
    assert draft.reference not in shown
    elsewhere = person(app, "county_reviewer", "410105")
    assert made.reference not in elsewhere.page("/review/")
    assert elsewhere.client.get(f"/review/{made.id}").status_code == 404


def test_a_case_shows_data_beside_the_record_findings_and_every_picture(app: Flask) -> None:
    made = case(submitted=True, phone="13912345678")
    page = body(app).client.get(f"/review/{made.id}")
    shown = text(page)
    assert "13912345678 13800000000 有变化" in shown
    assert "考试通过年度 要求 2019 · 实际 2019" in shown
    assert page.text.count('<a href="/materials/') == 4
    assert "等待审核" in shown


def test_an_approval_issues_the_certificate_and_goes_on_to_the_next_case(app: Flask) -> None:
    first, second = case(submitted=True), case(submitted=True)
    office = body(app)
    data = {"verdict": "approve", "version": first.version, "reason_code": "picture_unclear"}
    answer = office.send(f"/review/{first.id}", data)
    assert answer.headers["Location"] == f"/review/{second.id}"
    assert stored(Application, first.id).state == "issued"
    with as_system("a test looks") as session:
        issued = session.scalars(select(Certificate).filter_by(application_id=first.id)).all()
    assert len(issued) == 1
    last = office.send(f"/review/{second.id}", {"verdict": "approve", "version": second.version})
    assert last.headers["Location"] == "/review/"
    assert "已通过" in office.page("/review/")


def test_ba_22_a_rejection_needs_a_reason_and_keeps_what_was_chosen(app: Flask) -> None:
    made = case(submitted=True)
    office = body(app)
    answer = office.send(
        f"/review/{made.id}", {"verdict": "reject", "reason_code": "other"}, seen=made
    )
    assert answer.status_code == 422
    assert "请填写审核意见" in text(answer)
    assert 'value="other" checked' in answer.text
    done = {"verdict": "reject", "reason_code": "other", "reason": REASON}
    assert office.send(f"/review/{made.id}", done, seen=made).status_code == 302
    assert stored(Application, made.id).state == "rejected"


def test_a_decision_on_a_case_that_moved_on_keeps_what_was_written(app: Flask) -> None:
    made = case(submitted=True)
    office = body(app)
    decide(made.id, "reject")
    data = {"verdict": "reject", "reason": "我的意见在这里", "version": made.version}
    answer = office.send(f"/review/{made.id}", data)
    assert answer.status_code == 409
    assert "我的意见在这里" in text(answer)
    assert "未能办理 他人已修改此内容" in text(answer)
    assert "处需要修改" not in text(answer)
    assert stored(Application, made.id).state == "rejected"


def test_a_page_from_before_a_correction_decides_nothing(app: Flask) -> None:
    who = applicant(app, "410105")
    made = case(who.actor, region_code="410105", submitted=True)
    decide(made.id, "return")
    with acting(who.actor):
        applications.submit(made.id, agreed=["truth"])
    office = person(app, "county_reviewer", "410105")
    old = office.send(f"/review/{made.id}", {"verdict": "approve", "version": made.version})
    assert old.status_code == 409
    assert stored(Application, made.id).stage == 1
    version = stored(Application, made.id).version
    assert f'name="version" value="{version}"' in old.text
    office.send(f"/review/{made.id}", {"verdict": "approve", "version": version})
    assert stored(Application, made.id).stage == 2


def test_a_second_press_of_the_button_decides_nothing_more(app: Flask) -> None:
    made = case(submitted=True)
    office = body(app)
    data = {"verdict": "approve", "version": made.version}
    assert office.send(f"/review/{made.id}", data).status_code == 302
    assert office.send(f"/review/{made.id}", data).status_code == 409
    with as_system("a test looks") as session:
        query = select(Event).filter_by(subject=f"application:{made.id}", verb="approve")
        assert len(session.scalars(query).all()) == 1


def test_the_address_of_an_act_leads_to_the_page_that_it_belongs_to(app: Flask) -> None:
    """It stands in the address bar after a refusal: choosing the language there asks for it."""
    made = case(submitted=True)
    office = body(app)
    for act in ("claim", "undo", "identity", "hours/1", "hours/undo/7"):
        answer = office.client.get(f"/review/{made.id}/{act}?kind=first")
        assert (answer.status_code, answer.location) == (302, f"/review/{made.id}?kind=first"), act
    assert office.client.get("/review/colleagues/handover").location == "/review/colleagues"
    assert office.client.get("/logout/").status_code == 405


def test_a_form_that_was_open_for_too_long_leads_back_to_itself(app: Flask) -> None:
    made = case(submitted=True)
    office, page = body(app), f"/review/{made.id}?kind=first"
    app.config["WTF_CSRF_ENABLED"] = True
    answer = office.client.post(
        page,
        data={"csrf_token": "old", "verdict": "approve"},
        headers={"Referer": f"http://localhost{page}"},
    )
    assert answer.status_code == 400
    assert f'href="{page}"' in answer.text
    assert "data-undone" in answer.text, "what was typed is still to be sent"


def test_a_return_names_what_is_opened(app: Flask) -> None:
    made = case(region_code="410105", submitted=True)
    office = person(app, "county_reviewer", "410105")
    nothing = office.send(f"/review/{made.id}", {"verdict": "return", "reason": REASON}, seen=made)
    assert nothing.status_code == 422
    assert "请选择需要补正的项目或材料" in text(nothing)
    data = {"verdict": "return", "reason": REASON, "items": ["id_front", "major"]}
    office.send(f"/review/{made.id}", data, seen=made)
    after = stored(Application, made.id)
    assert (after.state, after.unlocked) == ("returned", ["id_front", "major"])


def test_where_the_policy_returns_nothing_the_desk_offers_no_return(app: Flask) -> None:
    made = case(submitted=True)
    office = body(app)
    assert 'value="return"' not in office.client.get(f"/review/{made.id}").text
    data = {"verdict": "return", "reason": REASON, "items": ["id_front"]}
    assert office.send(f"/review/{made.id}", data, seen=made).status_code == 409
    assert stored(Application, made.id).state == "in_review"


@pytest.mark.parametrize(
    ("role", "region_code", "said"),
    [("city_reviewer", "410100", "其他机构审核"), ("province_reviewer", "410000", "其他机构审核")],
)
def test_an_office_above_sees_the_case_and_why_it_cannot_decide(
    app: Flask, role: str, region_code: str, said: str
) -> None:
    made = case(region_code="410105", submitted=True)
    office = person(app, role, region_code)
    page = office.client.get(f"/review/{made.id}")
    assert said in text(page)
    assert 'name="verdict"' not in page.text
    assert office.send(f"/review/{made.id}", {"verdict": "approve"}, seen=made).status_code == 403
    assert stored(Application, made.id).stage == 1


@pytest.mark.parametrize(
    ("role", "region_code"),
    [("county_admin", "110105"), ("auditor", "110000"), ("organization", "110105")],
)
def test_who_does_not_decide_has_no_desk(app: Flask, role: str, region_code: str) -> None:
    made = case(submitted=True)
    who = person(app, role, region_code)
    assert who.client.get("/review/").status_code == 403
    assert who.send(f"/review/{made.id}", {"verdict": "approve"}, seen=made).status_code == 403
    assert applicant(app).client.get(f"/review/{made.id}").status_code == 403
    assert stored(Application, made.id).state == "in_review"


def test_the_queue_is_searched_by_name_and_filtered_by_its_address(app: Flask) -> None:
    made = case(submitted=True)
    office = body(app)
    assert made.reference in office.page("/review/?q=王小")
    assert made.reference not in office.page("/review/?q=李")
    assert made.reference in office.page("/review/?kind=first&region_code=110105")
    assert made.reference not in office.page("/review/?region_code=110101")
    assert "没有符合条件的申请" in office.page("/review/?overdue=1")
    odd = "/review/?after=x&before=-1&region_code=zz&kind=0&state=9&identity=z&number=%27&mine="
    assert office.client.get(odd).status_code == 200


def test_an_identity_number_is_searched_for_and_stands_in_no_address(app: Flask) -> None:
    number = "110105199005170029"
    worker = factories.worker(number=number)
    factories.qualification(worker)
    made, other = case(factories.applicant(worker), submitted=True), case(submitted=True)
    office = body(app)
    assert office.client.get("/review/search").location == "/review"
    for typed in (number, " 110105 19900517 0029 "):
        answer = office.send("/review/search", {"q": typed, "kind": "first"})
        address = answer.headers["Location"]
        assert address.startswith("/review/?kind=first&identity=")
        assert number[6:14] not in address
        shown = office.client.get(address)
        assert made.reference in shown.text
        assert other.reference not in shown.text
        assert number not in shown.text


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("王小红", "q=%E7%8E%8B%E5%B0%8F%E7%BA%A2"),
        ("00001234", "number=00001234"),
        ("１１２０２０12345678９", "number=112020123456789"),
        ("2020-11-k7q4-m2x9", "reference=2020-11-K7Q4-M2X9"),
        (" ", ""),
    ],
)
def test_one_box_finds_by_whatever_is_typed(app: Flask, typed: str, address: str) -> None:
    answer = body(app).send("/review/search", {"q": typed})
    assert answer.headers["Location"] == "/review/" + (f"?{address}" if address else "")


def test_a_search_that_finds_nothing_leads_to_what_became_of_the_case(app: Flask) -> None:
    number = "110105199005170029"
    worker = factories.worker(number=number, name="欧阳一")
    factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    other = case(submitted=True)
    decide(made.id, "reject")
    office = body(app)
    for typed in (number, "欧阳", made.reference):
        answer = office.send("/review/search", {"q": typed})
        page = office.client.get(answer.headers["Location"]).text
        assert f'href="/applications/list/?worker_id={worker.id}"' in page
        assert 'href="/review/">显示全部' in page
        assert number not in page
    found = office.page(f"/applications/list/?worker_id={worker.id}")
    assert made.reference in found
    assert other.reference not in found


def test_a_search_for_a_frequent_name_or_for_nobody_says_so(app: Flask) -> None:
    for region_code in ("110105", "110105", "410105"):
        worker = factories.worker(region_code, name=f"欧阳{region_code}")
        factories.qualification(worker)
        decide(
            case(factories.applicant(worker), region_code=region_code, submitted=True).id, "reject"
        )
    office = body(app)
    several = office.client.get("/review/?q=欧阳").text
    assert 'href="/workers/list/?name=%E6%AC%A7%E9%98%B3"' in several
    nobody = "本地区提交过的登记申请中也没有"
    assert nobody not in several
    for asked in (
        "q=欧阳410105",
        "q=上官",
        "identity=0",
        f"identity={'0' * 64}",
        "number=12345678",
    ):
        page = office.client.get(f"/review/?{asked}").text
        assert ("/applications/list/?worker_id" in page, nobody in page) == (False, True), asked
    assert nobody not in office.client.get("/review/?overdue=1").text, "nothing was searched for"


def test_three_keystrokes_are_enough_for_a_routine_case(app: Flask) -> None:
    """N takes the oldest case, A and the answer to the question approve it and open the next."""
    first, second, third = (
        case(submitted=True, at=f"2020-07-10T09:0{minute}") for minute in range(3)
    )
    office, colleague = body(app), body(app)
    with acting(colleague.actor):
        review.take(second.id)
    assert 'data-key="n"' in office.client.get("/review/").text
    begun = office.send("/review/start", {})
    assert begun.headers["Location"] == f"/review/{first.id}"
    page = office.client.get(f"/review/{first.id}").text
    assert 'value="approve" data-key="a"' in page
    assert "我已领取至" in page
    data = {"verdict": "approve", "version": first.version}
    done = office.send(f"/review/{first.id}", data)
    assert done.headers["Location"] == f"/review/{third.id}", "a colleague is at the second"
    assert "我已领取至" in office.client.get(f"/review/{third.id}").text


def test_a_case_that_a_colleague_has_is_shown_and_not_decided(app: Flask) -> None:
    made = case(submitted=True)
    office, colleague = body(app), body(app)
    colleague.send(f"/review/{made.id}/claim", {}, seen=made)
    page = office.client.get(f"/review/{made.id}")
    assert "张三正在审核这份申请" in text(page)
    assert 'name="verdict"' not in page.text
    data = {"verdict": "reject", "reason": "我的意见在这里", "version": made.version}
    answer = office.send(f"/review/{made.id}", data)
    assert answer.status_code == 409
    assert "我的意见在这里" in text(answer)
    colleague.send(f"/review/{made.id}/claim", {"leave": "1"})
    assert office.send(f"/review/{made.id}", data).status_code == 302


@pytest.mark.parametrize("path", ["start", "search", "0/claim"])
def test_who_does_not_decide_moves_nothing(app: Flask, path: str) -> None:
    for who in (person(app, "county_admin", "110105"), person(app, "auditor", "110000")):
        assert who.send(f"/review/{path}", {}).status_code == 403
    assert person(app, "county_reviewer", "410105").client.post(
        f"/review/{path}", data={}
    ).status_code in (400, 404)


@pytest.mark.parametrize("data", [{}, {"verdict": "burn"}])
def test_a_decision_that_is_none_is_refused(app: Flask, data: dict[str, str]) -> None:
    made = case(submitted=True)
    answer = body(app).send(f"/review/{made.id}", {**data, "version": made.version})
    assert answer.status_code == 422
    assert stored(Application, made.id).state == "in_review"


@pytest.mark.parametrize("version", [{}, {"version": ""}, {"version": "x"}])
@pytest.mark.parametrize("verdict", ["approve", "reject", "return"])
def test_a_decision_that_does_not_say_what_was_seen_is_refused_and_what_was_typed_stays(
    app: Flask, verdict: str, version: dict[str, str]
) -> None:
    made, office = case(submitted=True), body(app)
    said = {"verdict": verdict, "reason": "照片看不清", "items": ["phone"]}
    answer = office.send(f"/review/{made.id}", {**said, **version})
    assert answer.status_code == 409
    assert "没有说明您看到的是哪一个版本" in answer.text
    assert "照片看不清" in answer.text
    assert f'name="version" value="{made.version}"' in answer.text, "to be sent again"
    assert stored(Application, made.id).state == "in_review"


def test_taking_a_case_says_what_was_seen_as_well(app: Flask) -> None:
    made, office = case(submitted=True), body(app)
    assert office.send(f"/review/{made.id}/claim", {}).status_code == 409
    taken = office.send(f"/review/{made.id}/claim", {"version": made.version})
    assert taken.status_code == 302


def test_an_office_finds_review_and_print_on_the_row_of_a_case(app: Flask) -> None:
    made = case(submitted=True)
    page = body(app).client.get(f"/applications/show/{made.id}").text
    assert f'href="/review/{made.id}"' in page
    assert f'href="/applications/{made.id}/form.pdf"' in page


def test_hn_34_after_a_correction_the_difference_comes_first(app: Flask) -> None:
    who = applicant(app, "410105")
    made = case(who.actor, region_code="410105", submitted=True)
    decide(made.id, "return", items=("major", "id_front"))
    with acting(who.actor):
        applications.save(made.id, {"major": "社会学"})
        applications.submit(made.id, agreed=["truth"])
    shown = person(app, "county_reviewer", "410105").page(f"/review/{made.id}")
    first, _, whole = shown.partition("全部申报与库内信息对照")
    assert REASON in first
    assert "所学专业 社会学 社会工作 有变化" in first
    assert "身份证正面照片 未更换" in first
    assert "单位名称" not in first
    assert "单位名称" in whole


def test_the_identity_number_is_shown_after_a_reason_and_goes_on_record(app: Flask) -> None:
    worker = factories.worker(number="110105199005170029")
    factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    office, path = body(app), f"/review/{made.id}/identity"
    assert "110105199005170029" not in office.page(f"/review/{made.id}")
    assert office.client.get(path).location == f"/review/{made.id}"
    refused = office.send(path, {"why": " x "})
    assert (refused.status_code, "110105199005170029" in refused.text) == (422, False)
    assert 'id="f-why-error"' in refused.text
    told = office.send(path, {"why": "与身份证照片核对"})
    assert "110105199005170029" in told.text
    assert told.headers["Cache-Control"] == "no-store"
    with as_system("a test looks") as session:
        (kept,) = session.scalars(select(Event).filter_by(verb="reveal")).all()
    assert (kept.subject, kept.reason) == (f"worker:{worker.id}", "与身份证照片核对")


@pytest.mark.parametrize(
    ("role", "region_code", "status"),
    [
        ("county_reviewer", "410105", 404),
        ("county_admin", "110105", 403),
        ("auditor", "110000", 403),
        ("applicant", "110105", 403),
    ],
)
def test_who_does_not_review_it_reveals_nothing(
    app: Flask, role: str, region_code: str, status: int
) -> None:
    worker = factories.worker(number="110105199005170029")
    factories.qualification(worker)
    made = case(factories.applicant(worker), submitted=True)
    who = applicant(app) if role == "applicant" else person(app, role, region_code)
    answer = who.send(f"/review/{made.id}/identity", {"why": "与身份证照片核对"})
    assert answer.status_code == status
    assert "110105199005170029" not in answer.text


def test_the_way_through_a_filtered_queue_stays_in_it(app: Flask) -> None:
    wanted, other, last = (
        case(region_code="410105", submitted=True, at=f"2020-07-10T09:0{minute}")
        for minute in range(3)
    )
    with factories.changing(other) as row:
        row.kind = "exchange"
    office = person(app, "county_reviewer", "410105")
    address = f"/review/{wanted.id}?kind=first"
    assert f'href="{address}"' in office.client.get("/review/?kind=first").text
    page = office.client.get(address).text
    assert f'href="/review/{last.id}?kind=first" data-key="j"' in page
    assert f'action="{address}"' in page
    done = office.send(address, {"verdict": "approve", "version": wanted.version})
    assert done.headers["Location"] == f"/review/{last.id}?kind=first"


def test_identity_cards_are_marked_and_never_kept_by_an_office_s_browser(app: Flask) -> None:
    made = case(submitted=True)
    with as_system("a test looks") as session:
        keys = session.scalars(select(Material.id).filter_by(application_id=made.id)).all()
    office = body(app).client
    for key in keys:
        answer = office.get(f"/materials/{key}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_bj_30_hours_are_recorded_beside_their_proof(app: Flask) -> None:
    made, proof = renewal()
    office = body(app)
    path = f"/review/{made.id}"
    page = office.client.get(path)
    assert "继续教育学时 要求 90 · 实际 0" in text(page)
    assert "有 1 项资格核验不符合。仍要通过" in page.text
    assert "1 项需人工看" in office.page("/review/"), "a proof is no hours yet"
    assert f'action="{path}/hours/{proof.id}"' in page.text
    bad = {"hours": "x", "taken_on": "2019-05-20", "title": "个案工作"}
    refused = office.send(f"{path}/hours/{proof.id}", bad)
    assert refused.status_code == 422
    assert 'value="个案工作"' in refused.text, "what was typed is kept"
    assert 'id="f-hours"' in refused.text
    assert office.send(f"{path}/hours/{proof.id}", bad | {"hours": "60"}).status_code == 302
    shown = office.page(path)
    assert "60 学时 个案工作" in shown
    assert "要求 90 · 实际 60" in shown
    (credit,) = factories.every(Credit)
    office.send(f"{path}/hours/undo/{credit.id}", {})
    assert "要求 90 · 实际 0" in office.page(path)
    office.send(f"{path}/hours/{proof.id}", {"refuse": "1"})
    assert factories.every(Credit)[0].state == "refused"
    stranger = person(app, "county_reviewer", "410105")
    assert stranger.send(f"{path}/hours/{proof.id}", bad).status_code == 404

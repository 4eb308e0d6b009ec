"""The page of a certificate: what its holder and its office see and do there."""

import ofdkit  # type: ignore[import-untyped]
import pytest
from flask import Flask

from models.certificate import Certificate, Measure
from models.registration import Registration
from tests.documents.reading import page_texts, squeezed
from tests.support import factories
from tests.support.cases import case
from tests.support.factories import every, stored
from tests.views.people import applicant, person, text
from tests.views.test_job_certificates import issued


def test_bj_52_the_holder_finds_the_certificate_with_its_files_from_the_centre(app: Flask) -> None:
    who = applicant(app)
    number = issued(who).number
    assert f"/certificates/view/{number}" in who.client.get("/centre/").text
    page = who.client.get(f"/certificates/view/{number}").text
    for shown in (f"/certificates/{number}.pdf", f"/certificates/{number}.png", "有效"):
        assert shown in page


def test_nobody_else_has_that_page(app: Flask) -> None:
    number = issued().number
    for other in (applicant(app), person(app, "county_reviewer", "410105")):
        for way in ("", "/copy", "/lost"):
            url = f"/certificates/view/{number}{way}"
            answer = other.send(url, {"purpose": "应聘"}) if way else other.client.get(url)
            assert answer.status_code in (403, 404), url
    assert every(Certificate)[0].state == "valid"


def test_an_annotated_copy_says_what_for_when_and_that_it_is_no_original(app: Flask) -> None:
    who = applicant(app)
    number = issued(who).number
    answer = who.send(f"/certificates/view/{number}/copy", {"purpose": "应聘花园路社区"})
    pages = [squeezed(page) for page in page_texts(answer.data)]
    assert len(pages) == 2
    for page in pages:
        assert "仅供应聘花园路社区使用" in page
        assert "加注件" in page
        assert "不是经签名的证书原件" in page
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_copy_without_a_purpose_is_asked_for_again(app: Flask) -> None:
    who = applicant(app)
    url = f"/certificates/view/{issued(who).number}/copy"
    assert who.send(url, {"purpose": " "}).status_code == 422
    long = who.send(url, {"purpose": "应" * 31})
    assert long.status_code == 422
    assert "应" * 31 in long.text
    rare = who.send(url, {"purpose": "交𠮷先生"})
    assert "𠮷" in text(rare)
    assert rare.status_code == 400


def test_bj_48_a_holder_declares_the_certificate_lost_and_everybody_reads_it(app: Flask) -> None:
    who = applicant(app)
    number = issued(who).number
    page = f"/certificates/view/{number}"
    assert f"{page}/lost" in who.client.get(page).text
    who.send(f"{page}/lost", {})
    shown = who.client.get(page).text
    assert "遗失作废" in shown
    assert "/apply/replacement" in shown
    assert f"{page}/lost" not in shown
    assert "遗失" in text(who.client.get(f"/verify/{number}"))
    assert who.send(f"{page}/lost", {}).status_code == 409


def test_an_office_proposes_a_second_person_confirms_and_the_holder_reads_why(app: Flask) -> None:
    who = applicant(app)
    certificate = issued(who)
    number = certificate.number
    first, second = (person(app, "province_admin", "110000") for _one in range(2))
    assert (
        f"/measures/{number}/revoke"
        in first.client.get(f"/certificates/show/{certificate.id}").text
    )
    first.send(f"/measures/{number}/revoke", {"reason_code": "fraud", "note": "代考，调查属实"})
    key = every(Measure)[0].id
    act = f"/measures/act?ids={key}"
    first.send(act, {"action": "confirm"})
    assert stored(Certificate, certificate.id).state == "valid"
    second.send(act, {"action": "confirm"})
    assert stored(Certificate, certificate.id).state == "revoked"
    page = who.page(f"/certificates/view/{number}")
    assert "已撤销" in page
    assert "以欺骗等不正当手段或虚假材料取得登记" in page
    assert "代考，调查属实" not in page  # what the office writes down for itself
    assert "已撤销" in text(who.client.get(f"/verify/{number}"))


def test_a_list_offers_the_verbs_that_its_rows_allow_and_names_people_with_their_office(
    app: Flask,
) -> None:
    number = issued().number
    first, second = (person(app, "province_admin", "110000") for _one in range(2))
    first.send(f"/measures/{number}/revoke", {"reason_code": "fraud", "note": "代考，调查属实"})
    key = every(Measure)[0].id
    mine = first.client.get("/measures/list/").text
    assert 'data-verbs="decline"' in mine
    assert 'value="confirm"' not in mine, "nobody confirms what is their own"
    theirs = second.client.get("/measures/list/").text
    assert 'data-verbs="confirm decline"' in theirs
    second.send(f"/measures/act?ids={key}", {"action": "decline"})
    settled = second.client.get("/measures/list/").text
    assert 'name="ids"' not in settled
    assert 'id="bulk"' not in settled
    shown = second.page(f"/measures/show/{key}")
    assert f"提出人 {first.actor.name} 北京市" in shown
    again = second.send(f"/measures/act?ids={key}", {"action": "decline"}, "/messages/")
    assert again.status_code == 302
    assert f"{number}:" in second.page("/measures/list/"), "a refusal names the row, not its key"


def test_what_was_typed_in_a_proposal_survives_a_refusal(app: Flask) -> None:
    number = issued().number
    office = person(app, "province_admin", "110000")
    answer = office.send(f"/measures/{number}/cancel", {"note": "本人书面申请"})
    assert answer.status_code == 422
    assert "本人书面申请" in text(answer)
    assert office.client.get(f"/measures/{number}/paint").status_code == 404


def test_a_proposal_is_no_news_to_the_holder(app: Flask) -> None:
    who = applicant(app)
    number = issued(who).number
    office = person(app, "province_admin", "110000")
    office.send(f"/measures/{number}/revoke", {"reason_code": "fraud", "note": "有人举报，待查实"})
    key = every(Measure)[0].id
    assert who.client.get(f"/measures/show/{key}").status_code == 403
    assert "撤销" not in who.page(f"/certificates/view/{number}")


def test_mc_20_the_certificate_is_seen_in_the_module_of_its_kind(app: Flask) -> None:
    who = applicant(app)
    assert "/certificates/view/" not in who.client.get("/centre/").text
    number = issued(who).number
    entries = (
        who.client.get("/centre/").text.partition('id="entries"')[2].partition("</section>")[0]
    )
    assert entries.count(f"/certificates/view/{number}") == 1


def test_mc_31_the_reviewer_reads_that_somebody_else_has_given_the_number_as_well(
    app: Flask,
) -> None:
    made = case(submitted=True)
    other = factories.worker("410105", name="李明")
    for worker_id, region_code in ((made.worker_id, "110105"), (other.id, "410105")):
        given = {"kind": "first", "cycle_year": 2015, "level": "social_worker", "state": "claimed"}
        factories.keep(
            Registration(
                worker_id=worker_id, region_code=region_code, legacy_number="00012345", **given
            )
        )
    page = person(app, "body_reviewer", "110000").page(f"/review/{made.id}")
    assert "编号重复" in page
    assert "00012345 · 该编号也登记在另一人名下" in page
    assert "李明" not in page


@pytest.mark.slow
def test_the_certificate_is_had_as_ofd_without_a_seal_or_with_the_authority_s(app: Flask) -> None:
    who = applicant(app)
    number = issued(who).number
    url = f"/certificates/{number}.ofd"
    assert url in who.client.get(f"/certificates/view/{number}").text
    plain = who.client.get(url)
    assert plain.mimetype == "application/ofd"
    assert "未加盖国密电子印章" in ofdkit.extract_text(plain.data)
    app.config["PORTAL_OFD_SEAL"] = "tests.views.test_job_holding:sealed"
    kept = who.client.get(url).data
    assert kept.startswith(f"sealed {number}".encode())
    assert b"PK" in kept
    for other in (applicant(app), person(app, "county_reviewer", "410105")):
        assert other.client.get(url).status_code == 404


def sealed(ofd: bytes, number: str) -> bytes:
    """An authority's seal service, as small as it can be."""
    assert "未加盖" not in ofdkit.extract_text(ofd)
    return f"sealed {number} ".encode() + ofd

"""Certificates as files, and the answer to anyone who has a number; the post."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.scope import as_system
from models.certificate import Certificate, Delivery
from models.event import Event
from tests.conftest import new_client
from tests.support.cases import case
from tests.support.factories import stored
from tests.views.people import Person, applicant, person, text


def issued(who: Person | None = None) -> Certificate:
    """The certificate of a new approved case."""
    made = case(who.actor if who else None, approved=True)
    with as_system("a test looks") as session:
        return session.scalars(select(Certificate).filter_by(application_id=made.id)).one()


def delivery_of(certificate: Certificate) -> Delivery:
    """How a certificate travels."""
    with as_system("a test looks") as session:
        return session.scalars(select(Delivery).filter_by(certificate_id=certificate.id)).one()


def test_the_holder_and_the_offices_of_the_region_download_both_files(app: Flask) -> None:
    who = applicant(app)
    number = issued(who).number
    for reader in (who, person(app, "body_reviewer", "110000"), person(app, "auditor", "110000")):
        pdf = reader.client.get(f"/certificates/{number}.pdf")
        png = reader.client.get(f"/certificates/{number}.png")
        if "auditor" in reader.actor.roles:
            assert (pdf.status_code, png.status_code) == (403, 403)
            continue
        assert pdf.data.startswith(b"%PDF")
        assert png.data.startswith(b"\x89PNG")
        assert number in pdf.headers["Content-Disposition"]
        assert pdf.headers["Content-Disposition"].startswith("attachment")
        assert pdf.headers["Cache-Control"] == "private, no-store"


def test_nobody_else_downloads_them(app: Flask) -> None:
    number = issued().number
    for other in (applicant(app), person(app, "county_reviewer", "410105")):
        assert other.client.get(f"/certificates/{number}.pdf").status_code == 404
        assert other.client.get(f"/certificates/{number}.png").status_code == 404
    asked = new_client(app).get(f"/certificates/{number}.pdf")
    assert asked.headers["Location"].startswith("/login/")


@pytest.mark.parametrize("number", ["0", "11202000000000", "..%2f..%2fetc", "x" * 300])
def test_a_number_that_is_none_is_a_404(app: Flask, number: str) -> None:
    assert applicant(app).client.get(f"/certificates/{number}.pdf").status_code == 404


def test_the_holder_reads_the_tracking_number_once_it_is_typed(app: Flask) -> None:
    who = applicant(app)
    parcel = delivery_of(issued(who))
    office = person(app, "body_reviewer", "110000")
    assert (
        f"/deliveries/send/{parcel.id}" in office.client.get(f"/deliveries/show/{parcel.id}").text
    )
    wrong = office.send(f"/deliveries/send/{parcel.id}", {"carrier": "中国邮政"}, seen=parcel)
    assert wrong.status_code == 422
    assert 'value="中国邮政"' in wrong.text
    data = {"carrier": "中国邮政", "tracking_number": "EMS1234567890"}
    unseen = office.send(f"/deliveries/send/{parcel.id}", data)
    assert (unseen.status_code, 'value="EMS1234567890"' in unseen.text) == (409, True)
    assert f'name="version" value="{parcel.version}"' in unseen.text
    office.send(f"/deliveries/send/{parcel.id}", data, seen=parcel)
    assert stored(Delivery, parcel.id).state == "sent"
    assert "EMS1234567890" in who.page("/centre/")
    assert "EMS1234567890" in who.page("/messages/")


def test_a_parcel_that_was_changed_meanwhile_is_not_overwritten(app: Flask) -> None:
    parcel = delivery_of(issued())
    office = person(app, "body_reviewer", "110000")
    first = {"carrier": "甲", "tracking_number": "AAAAAA1", "version": parcel.version}
    second = {"carrier": "乙", "tracking_number": "BBBBBB2", "version": parcel.version}
    assert office.send(f"/deliveries/send/{parcel.id}", first).status_code == 302
    late = office.send(f"/deliveries/send/{parcel.id}", second)
    assert late.status_code == 409
    assert 'value="BBBBBB2"' in late.text
    assert stored(Delivery, parcel.id).tracking_number == "AAAAAA1"


def test_labels_are_printed_by_the_office_that_posts_and_the_print_is_on_record(
    app: Flask,
) -> None:
    issued()
    office = person(app, "body_reviewer", "110000")
    assert "/deliveries/labels.pdf" in office.client.get("/deliveries/list/").text
    assert office.client.get("/deliveries/labels.pdf").data.startswith(b"%PDF")
    nothing = office.client.get("/deliveries/labels.pdf?region_code=110101")
    assert nothing.location == "/deliveries/list/?region_code=110101"
    assert "没有待寄出的证书" in office.page(nothing.location)
    with as_system("a test looks") as session:
        assert session.scalars(select(Event).filter_by(verb="print")).one().actor_id == (
            office.actor.account_id
        )


@pytest.mark.parametrize(
    ("role", "region_code"), [("county_reviewer", "110105"), ("province_admin", "110000")]
)
def test_who_does_not_post_neither_prints_nor_sends(
    app: Flask, role: str, region_code: str
) -> None:
    parcel = delivery_of(issued())
    who = person(app, role, region_code)
    assert who.client.get("/deliveries/labels.pdf").status_code == 403
    data = {"carrier": "甲", "tracking_number": "AAAAAA1"}
    assert who.send(f"/deliveries/send/{parcel.id}", data).status_code == 403
    assert stored(Delivery, parcel.id).state == "pending"


def test_another_region_has_neither_the_parcel_nor_its_label(app: Flask) -> None:
    parcel = delivery_of(issued())
    other = person(app, "province_reviewer", "410000")
    data = {"carrier": "甲", "tracking_number": "AAAAAA1"}
    assert other.send(f"/deliveries/send/{parcel.id}", data).status_code == 404
    assert stored(Delivery, parcel.id).state == "pending"


def test_h_a_lost_certificate_leads_its_office_to_the_one_that_took_its_place(app: Flask) -> None:
    who = applicant(app)
    old, later = issued(who), case(submitted=True)
    with as_system("a test arranges") as session, session.begin():
        row = session.get_one(Certificate, old.id)
        facts = {c.key: getattr(row, c.key) for c in Certificate.__table__.columns}
        row.state = "lost"
        session.flush()
        made = {"id": None, "version": None, "number": "112020000000019", "state": "valid"}
        link = {"predecessor_id": old.id, "application_id": later.id}
        new = Certificate(**{k: v for k, v in {**facts, **made, **link}.items() if v is not None})
        session.add(new)
        session.flush()
        key = new.id
    office = person(app, "province_admin", "110000").client
    assert f"/certificates/show/{key}" in office.get(f"/certificates/show/{old.id}").text
    assert f"/certificates/show/{old.id}" in office.get(f"/certificates/show/{key}").text
    answer = text(office.get(f"/verify/{old.number}"))
    assert "112020000000019" not in answer  # it may be the finder who asks

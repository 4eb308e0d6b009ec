"""The cases of the demonstration, walked by their people through the verbs that everybody uses."""

import io
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

from app import clock
from app.documents.manual import manual_pdf
from app.extensions import db
from app.queries import policies as policies_in_force
from app.rules import identifiers
from app.rules.fields import FieldSpec, Slot
from app.rules.kinds import Kind
from app.rules.words import Words
from app.scope import acting_as, current_actor
from app.security import actor_of, find_account
from app.services import (
    applications,
    attachments,
    materials,
    publications,
    records,
    review,
    roster_requests,
)
from app.services.demo.people import story
from models.application import Application
from models.publication import Contact, Document, Notice, Window

KIND = "first"
TEXTS = {
    "major": "社会工作",
    "unit_name": "惠民社会工作服务中心",
    "post": "社会工作者",
    "address": "人民路 10 号 3 单元 502 室",
    "delivery_address": "人民路 10 号 3 单元 502 室",
    "delivery": "post",
    "unit_type": "service_organization",
}
NUMBERS = {"practice_years": 3}


@contextmanager
def acting(username: str, at: datetime) -> Iterator[None]:
    """Act as an account of the demonstration at an instant."""
    account = find_account(username=username)
    if account is None:
        raise LookupError(username)
    with clock.frozen(at), acting_as(actor_of(account)):
        yield


def moment(days_ago: int, hour: int) -> datetime:
    """An hour of a day before today, never before the window of the day opened or after now."""
    day = clock.today() - timedelta(days=days_ago)
    at = datetime.combine(day, time(hour, 12), clock.SHANGHAI)
    return min(at, clock.local(clock.now()))


def open_window(kinds: Collection[str] = ()) -> None:
    """Open a window for the story's policy when none is open today, for its kinds or others."""
    facts, today = story()["window"], clock.today()
    policy = policies_in_force.policy_for(facts["region"], today)
    if not policy.is_open(KIND, today):
        opens = max(today - timedelta(days=facts["days_before"]), today.replace(month=1, day=1))
        values = {
            "title": facts["title"].format(year=opens.year),
            "kinds": list(kinds or facts["kinds"]),
            "region_code": facts["region"],
            "opens_on": opens.isoformat(),
            "closes_on": (today + timedelta(days=facts["days_after"])).isoformat(),
            "legal_basis": facts["legal_basis"],
        }
        _publish(Window, values, facts["by"])


def publish() -> None:
    """The notices, documents and contacts, proposed by one administrator and
    confirmed by another."""
    today = clock.today().isoformat()
    for table, model in (("notices", Notice), ("documents", Document), ("contacts", Contact)):
        for one in story()[table]:
            facts = dict(one)
            by, region, manual = facts.pop("by"), facts.pop("region"), facts.pop("manual", False)
            dated = {} if model is Contact else {"issued_on": today}
            _publish(model, {**facts, **dated, "region_code": region}, by, manual)


def ask() -> None:
    """Send the requests of those whom the roster does not know."""
    for one in story()["requests"]:
        first = one["id_number_start"] + "1"
        number = first + identifiers.id_check_digit(first)
        given = {key: one[key] for key in one if key not in ("region", "id_number_start")}
        year = min(one["exam_year"], clock.today().year - 1)  # the story may be told of years ago
        values = given | {
            "exam_year": year,
            "id_type": "id_card",
            "id_number": number,
            "region_code": one["region"],
            "management_number": f"{year}0{number[:6]}0001",
        }
        blank = Words("", "")
        cards = [picture(Slot(name, blank, blank)) for name in ("id_front", "qualification")]
        roster_requests.send(roster_requests.check(values, cards, True), None)


def _publish(model: Any, values: Mapping[str, Any], by: list[str], manual: bool = False) -> None:
    """Publish something by two people, perhaps with the user manual attached."""
    with acting(by[0], clock.now()):
        row = records.create(model, values)
        key: int = row.id
        if manual:
            attachments.attach(model, key, "用户操作手册.pdf", manual_pdf())
        publications.propose(model, key)
    with acting(by[1], clock.now()):
        publications.confirm(model, key)


def walk(username: str, facts: Mapping[str, Any]) -> None:
    """Lead one case of the story through its steps; each decision is a day after the one before."""
    region, steps, code = facts["region"], facts["steps"], facts.get("kind", KIND)
    begun = _inside_window(region, moment(facts["days"], 9), code)
    with acting(username, begun):
        application = applications.start(code, region)
        key = application.id
        kind = policies_in_force.policy_for(region, clock.today()).kind_on(code, clock.today())
        values = _draft(kind) if steps == ["draft"] else _own(answers(kind, region))
        values |= facts.get("answers", {})
        applications.save(key, values, None)
        asked = [one for one in applications.form_of(application).kind.slots() if one.page == 1]
        for slot in asked[: 1 if steps == ["draft"] else None]:
            materials.attach(key, slot.name, f"{slot.name}.jpg", picture(slot))
    for number, step in enumerate(steps):
        _step(step, key, username, min(begun + timedelta(days=number), clock.local(clock.now())))


def _inside_window(region: str, at: datetime, code: str) -> datetime:
    """The instant, moved into the window that is open today where the kind has one."""
    window = policies_in_force.policy_for(region, clock.today()).window_near(code, clock.today())
    if window is None or at.date() >= window.opens_on:
        return at
    return datetime.combine(window.opens_on, time(9, 12), clock.SHANGHAI)


def _step(step: str, key: int, username: str, at: datetime) -> None:
    if step in ("submit", "withdraw"):
        with acting(username, at):
            if step == "submit":
                applications.submit(key, _statements(key))
            else:
                applications.withdraw(key)
    elif step != "draft":
        with acting(story()["reviewers"][review.office_of(key)], at):
            _decide(step, key)


def _statements(key: int) -> list[str]:
    return [
        one.code for one in policies_in_force.kind_of(db.session.get_one(Application, key)).consents
    ]


def _decide(step: str, key: int) -> None:
    if step == "approve":
        review.decide(key, "approve")
    elif step == "reject":
        review.decide(key, "reject", reason=story()["reject_reason"])
    else:
        review.decide(key, "return", reason=story()["return_reason"], items=story()["return_items"])


def _draft(kind: Kind) -> dict[str, Any]:
    """The first few answers, as somebody leaves them who means to come back."""
    fields = [spec for spec in kind.fields if not spec.locked][:4]
    return {spec.name: _answer(spec, "") for spec in fields}


def answers(kind: Kind, region: str) -> dict[str, Any]:
    """An answer to every open question of a form."""
    return {spec.name: _answer(spec, region) for spec in kind.fields if not spec.locked}


def _own(values: dict[str, Any]) -> dict[str, Any]:
    """The answers of whoever acts: people have their certificate sent to themselves."""
    actor = current_actor()
    return values | ({"recipient": actor.name} if actor and "recipient" in values else {})


def _answer(spec: FieldSpec, region: str) -> Any:
    codes = [choice.code for choice in spec.choices]
    if spec.kind == "choices":
        return codes[: min(2, spec.max or 2)]
    if codes:
        wanted = TEXTS.get(spec.name)
        return wanted if wanted in codes else codes[0]
    made = {
        "phone": "13800138000",
        "email": "applicant@example.com",
        "region": region,
        "integer": NUMBERS.get(spec.name, spec.min or 1),
        "decimal": str(spec.min or 1),
        "year": 2019,
        "date": "2019-07-01",
    }
    return made.get(spec.kind, TEXTS.get(spec.name, "王芳"))


@cache
def picture(slot: Slot) -> bytes:
    """A drawn stand-in for a photograph: the right shape, and plainly no real document."""
    size = (slot.portrait.width, slot.portrait.height) if slot.portrait else (1024, 646)
    image = Image.new("RGB", size, "#dfe7ef")
    draw = ImageDraw.Draw(image)
    middle, high = size[0] // 2, size[1]
    if slot.portrait:
        draw.ellipse((middle - 90, high // 4, middle + 90, high // 4 + 230), fill="#c9a78c")
        draw.ellipse((middle - 170, high - 210, middle + 170, high + 190), fill="#35506b")
    else:
        draw.rounded_rectangle((30, 30, size[0] - 30, high - 30), 28, outline="#8fa3b8", width=6)
        draw.text((80, high // 2 - 40), f"SAMPLE  {slot.name}", fill="#5b6f84", font_size=64)
        if slot.hours:
            draw.text((80, high // 2 + 60), "48 HOURS", fill="#5b6f84", font_size=64)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()

"""The history step: one's earlier registrations, stated before the form of a renewal (BJ-19)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.queries.facts import qualification_of
from app.queries.policies import policy_for
from app.rules import earlier as rules
from app.rules import sentences as say
from app.rules.earlier import Earlier
from app.rules.eligibility import Finding
from app.rules.facts import RegistrationFact
from app.rules.fields import Choice, FieldSpec
from app.rules.policy import Policy
from app.rules.words import Words
from app.rules.workflow import IN_FLIGHT
from app.services import cases, events, forms
from app.services.refusals import LOOK_AGAIN, Conflict, Invalid, Missing, Sentence
from app.services.verbs import need, transaction
from models.application import Application
from models.registration import Registration
from models.worker import Worker

RULE = "earlier_registrations"
"""What the remarks on stated registrations are called among the findings of a submission."""
MOST = 12
"""Lines that are read: twelve registrations are more than thirty years."""
NO_STEP = Words(
    "该登记类型没有补充历史登记记录的步骤。", "This kind asks for no earlier registrations."
)
NOT_NOW = Words(
    "您有正在审核流程中的申报，审核结束后才能修改历史登记记录。",
    "You have an application under way; your earlier registrations can be changed afterwards.",
)
QUESTIONS = {
    spec.name: spec
    for spec in (
        FieldSpec("kind", "choice", Words("登记类型", "Kind of registration")),
        FieldSpec(
            "year",
            "year",
            Words("登记年度", "Year of registration"),
            min=rules.FIRST_YEAR,
            max=2999,
            help=Words("四位年份，以登记证书为准", "Four digits, as on the certificate"),
        ),
        FieldSpec("on", "date", Words("首次登记日期", "Day of the first registration")),
        FieldSpec("valid_until", "date", Words("登记证书最新有效期至", "Certificate valid until")),
        FieldSpec(
            "number",
            "text",
            Words("证书编码NO", "Certificate number (NO)"),
            max=8,
            help=Words("登记证书第一页下方的八位数字", "The eight digits below page one"),
        ),
    )
}

OF_ONE = {
    "on": replace(QUESTIONS["on"], label=Words("登记有效期自", "Registration valid from")),
    "valid_until": replace(
        QUESTIONS["valid_until"], label=Words("登记有效期至", "Registration valid until")
    ),
}
"""What the days are called where a line says which registration it is (MC-26)."""


def questions(policy: Policy, kind: str) -> tuple[FieldSpec, ...]:
    """What one line of the history step asks; raises Missing for a kind without the step."""
    known = policy.kinds.get(kind)
    if known is None or known.history is None:
        raise Missing("no_step", NO_STEP)
    ask = known.history.ask
    asked = {**QUESTIONS, **(OF_ONE if "kind" in ask else {})}
    return tuple(_question(policy, asked[name]) for name in ask)


def _question(policy: Policy, spec: FieldSpec) -> FieldSpec:
    if spec.name != "kind":
        return spec
    offered = [code for code in ("first", "renewal") if code in policy.kinds]
    choices = tuple(Choice(code, policy.kinds[code].label) for code in offered)
    return replace(spec, choices=choices)


def state(kind: str, lines: Sequence[Mapping[str, Any]], region_code: str | None = None) -> None:
    """Keep what the actor says of their earlier registrations, in place of what they said before;
    verified rows stay as they are (BJ-23).

    Raises Invalid with what is wrong by answer and line (`year_0`), Conflict while a case is under
    way, Missing for a kind without the step.
    """
    actor = need("applications.apply")
    with transaction() as session:
        worker = cases.own_worker(session, actor, lock=True)
        _refuse_in_flight(session, worker)
        policy = policy_for(region_code or worker.region_code)
        rows = rows_of(session, worker)
        verified = [row.cycle_year for row in rows if row.state == "verified"]
        read = _read(questions(policy, kind), lines, verified)
        for row in rows:
            if row.state == "claimed":
                session.delete(row)
        meant = rules.meant(read, policy.cycle_years, first=not verified)
        session.add_all(_row(worker, one) for one in meant)
        said = ", ".join(f"{one.kind} {one.cycle_year}" for one in meant)
        events.record(
            session, f"worker:{worker.id}", "history", worker.region_code, reason=said, public=True
        )


def rows_of(session: Session, worker: Worker) -> Sequence[Registration]:
    """The registrations of a worker, the earliest first."""
    query = select(Registration).where(Registration.worker_id == worker.id)
    return session.scalars(query.order_by(Registration.cycle_year, Registration.id)).all()


def remarks(rows: Sequence[Any], policy: Policy, kind: str) -> Iterator[Finding]:
    """What the reviewer should compare with the certificate, as findings that never refuse; `rows`
    are the registrations on record."""
    if policy.kinds[kind].history is None or all(row.state == "verified" for row in rows):
        return
    facts = [
        RegistrationFact(row.kind, row.cycle_year, row.registered_on, row.valid_until)
        for row in rows
    ]
    for text in rules.remarks(facts, policy.cycle_years):
        yield Finding(kind, RULE, False, "", "", text, warning=True)


def _refuse_in_flight(session: Session, worker: Worker) -> None:
    query = select(Application.id).where(
        Application.worker_id == worker.id, Application.state.in_(IN_FLIGHT)
    )
    if session.scalar(query.limit(1)) is not None:
        raise Conflict("in_flight", NOT_NOW)


def _read(
    specs: Sequence[FieldSpec], lines: Sequence[Mapping[str, Any]], verified: Sequence[int]
) -> list[dict[str, Any]]:
    """The typed lines; raises Invalid with one sentence for each answer that cannot be."""
    errors: dict[str, Sentence] = {}
    read: list[dict[str, Any]] = []
    for index, line in enumerate(lines[:MOST]):
        try:
            read.append(forms.load(specs, {spec.name: line.get(spec.name) for spec in specs}))
        except Invalid as fault:
            errors |= {f"{name}_{index}": text for name, text in fault.errors.items()}
            read.append({})
    for index, name, text in rules.faults(read, clock.today(), verified):
        errors.setdefault(f"{name}_{index}", text)
    if errors or not read:
        raise Invalid(LOOK_AGAIN, errors)
    return read


def _row(worker: Worker, one: Earlier) -> Registration:
    held = qualification_of(worker)
    if held is None:
        raise Conflict("no_qualification", say.NO_LEVEL)
    return Registration(
        worker_id=worker.id,
        region_code=worker.region_code,
        kind=one.kind,
        cycle_year=one.cycle_year,
        level=held.level,
        state="claimed",
        registered_on=one.on,
        valid_from=one.on,
        valid_until=one.valid_until,
        legacy_number=one.number,
    )

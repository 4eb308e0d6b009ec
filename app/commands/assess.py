"""The command `flask --app run portal assess`: what the rules say, to one person or to many."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import SpooledTemporaryFile
from time import perf_counter
from typing import IO, Any, NoReturn, get_args

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DatabaseError

from app.queries.counts import summary
from app.queries.policies import policy_codes, shelf
from app.rules import eligibility as rules
from app.rules.conditions import Moment
from app.rules.facts import Facts, parse_facts
from app.rules.policy import Policy
from app.rules.reading import Fault, PolicyFaults, faults_of
from app.rules.words import Words

AUTO = "auto"
IN_MEMORY = 2**22  # bytes of answers that are held back before a file takes them

NO_REGION = Words("自动选择政策需要此项", "With --policy auto this key is needed")
NOT_COVERED = Words("没有政策适用于此地区", "No policy covers this region")
NO_POLICY = Words("没有政策“{code}”；现有：{known}", "There is no policy “{code}”, only {known}")
UNREADABLE = Words(
    "无法读取数据库（{what}），是否已执行 portal init？",
    "The database cannot be read ({what}): has `portal init` been run?",
)
TOGETHER = Words("--all 和 --summary 须一起使用", "--all and --summary go together")
NOT_WITH_ALL = Words("不能与 --all 同时使用", "This does not go with --all")
NO_TEXT = Words("不是 UTF-8 文字", "This is not UTF-8 text")
NOTHING = Words(
    "没有内容；应为一个 JSON 对象", "There is nothing here; this should be a JSON object"
)
NOT_JSON = Words("不是 JSON：{what}", "This is not JSON: {what}")
NO_SUCH_NUMBER = Words("JSON 中没有 {name}", "JSON has no {name}")
TWICE = Words("“{name}”出现两次", "“{name}” is there twice")

Answering = Callable[[bytes], dict[str, Any]]


@click.command()
@click.option("--policy", "code", required=True, metavar="ID", help="A policy's id, or auto.")
@click.option("--on", "day", required=True, metavar="DATE", help="The day, such as 2020-07-10.")
@click.option("--at", type=click.Choice(get_args(Moment)), default="submit", show_default=True)
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="One JSON object a line, instead of one on standard input.",
)
@click.option("--all", "everybody", is_flag=True, help="Everybody on the register (--summary).")
@click.option("--summary", "counts", is_flag=True, help="Counts by kind, failing rule and region.")
@with_appcontext
def assess(
    code: str, day: str, at: Moment, path: Path | None, everybody: bool, counts: bool
) -> None:
    """Read facts as JSON and print what the rules say to them, as JSON.

    Exactly one answer for each object, in their order. When anything is at fault nothing is
    answered: every fault is one line on standard error that names its key, and the command ends
    with 2. With --all --summary: how many workers of the policy's region may apply for each kind,
    and how many each rule refuses, as a whole and by the regions next below.
    """
    faults = [*_option_faults(code, day)]
    if everybody != counts:
        faults.append(Fault("--all", TOGETHER))
    if everybody and path:
        faults.append(Fault("--file", NOT_WITH_ALL))
    if faults:
        _refuse(map(_line, faults))
    if everybody:
        _count(code, date.fromisoformat(day), at)
        return
    answer = _answering(code, date.fromisoformat(day), at)
    if path:
        _answer_each(path, answer)
    else:
        _answer_one(sys.stdin.buffer.read(), answer)


def answer_to(policy: Policy, facts: Facts, on: date, at: Moment) -> dict[str, Any]:
    """What a policy says to facts on a day, in the shape that is printed."""
    findings = rules.assess(policy, facts, on, at=at)
    return {
        "policy": policy.code,
        "version": policy.version,
        "on": on.isoformat(),
        "route": rules.route(policy, facts, on),
        "kinds": {
            code: _kind(policy, code, facts, on, [f for f in findings if f.kind == code])
            for code in policy.kinds
        },
    }


def read_facts(data: bytes) -> Facts:
    """The facts of one JSON object in UTF-8; raises PolicyFaults with every fault."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise PolicyFaults([Fault("", NO_TEXT)]) from None
    if not text.strip():
        raise PolicyFaults([Fault("", NOTHING)])
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as broken:
        raise PolicyFaults([Fault("", NOT_JSON.fill(what=broken))]) from None
    return parse_facts(found)


def _option_faults(code: str, day: str) -> Iterator[Fault]:
    yield from faults_of(date, day, "--on")
    try:
        known = policy_codes()
    except DatabaseError as unread:
        yield Fault("DATABASE_URL", UNREADABLE.fill(what=unread.orig))
        return
    if code not in (AUTO, *known):
        yield Fault("--policy", NO_POLICY.fill(code=code, known=", ".join([*known, AUTO])))


def _answering(code: str, on: date, at: Moment) -> Answering:
    """The answer to one JSON object; raises PolicyFaults."""

    policy = shelf(on, None if code == AUTO else code)

    def answer(data: bytes) -> dict[str, Any]:
        facts = read_facts(data)
        if code == AUTO and facts.region_code is None:
            raise PolicyFaults([Fault("region_code", NO_REGION)])
        own, service = facts.region_code, facts.service_region_code
        try:
            found = policy(own if code == AUTO else service or own)
        except LookupError as nowhere:
            raise PolicyFaults([Fault("region_code", NOT_COVERED)]) from nowhere
        return answer_to(found, facts, on, at)

    return answer


def _kind(
    policy: Policy, code: str, facts: Facts, on: date, findings: list[rules.Finding]
) -> dict[str, Any]:
    outlook = rules.outlook(policy, code, facts, on)
    return {
        "eligible": rules.eligible(findings, code),
        "cycles": list(outlook.turns),
        "valid_until": outlook.valid_until.isoformat() if outlook.valid_until else None,
        "findings": [*map(_finding, findings)],
    }


def _finding(finding: rules.Finding) -> dict[str, Any]:
    told: dict[str, Any] = {
        "rule": finding.rule,
        "ok": finding.ok,
        "expected": finding.expected,
        "actual": finding.actual,
        "message": {"zh": finding.message.zh, "en": finding.message.en},
    }
    # a rule that fails and refuses nobody: only there does the answer need the word
    return told if finding.ok or not finding.warning else {**told, "warning": True}


def _count(code: str, on: date, at: Moment) -> None:
    began = perf_counter()
    found = summary(None if code == AUTO else code, on, at)
    told = {
        "policy": code,
        "on": on.isoformat(),
        "at": at,
        "policies": found.policies,
        "workers": found.whole.workers,
        "kinds": asdict(found.whole)["kinds"],
        "regions": {region: asdict(counts) for region, counts in found.regions.items()},
    }
    _print(sys.stdout.buffer, told)
    took, workers = perf_counter() - began, found.whole.workers
    click.echo(f"{workers} workers, {found.assessed} assessed, {took:.1f} s", err=True)


def _answer_one(data: bytes, answer: Answering) -> None:
    try:
        _print(sys.stdout.buffer, answer(data))
    except PolicyFaults as refused:
        _refuse(map(_line, refused.faults))


def _answer_each(path: Path, answer: Answering) -> None:
    faults: list[str] = []
    with SpooledTemporaryFile(IN_MEMORY) as answers, path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            try:
                _print(answers, answer(line))
            except PolicyFaults as refused:
                faults += [f"line {number}: {_line(fault)}" for fault in refused.faults]
        if faults:
            _refuse(faults)
        answers.seek(0)
        sys.stdout.buffer.writelines(answers)


def _print(out: IO[bytes], answer: dict[str, Any]) -> None:
    # half a surrogate, which JSON can name and UTF-8 cannot, stays the escape that it came as
    out.write(json.dumps(answer, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")


def _line(fault: Fault) -> str:
    line = f"{fault.path}: {fault.message.en}" if fault.path else fault.message.en
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def _refuse(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(2)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise PolicyFaults([*_twice([key for key, _value in pairs])])
    return found


def _twice(keys: list[str]) -> Iterator[Fault]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield Fault(key, TWICE.fill(name=key))


def _no_number(name: str) -> NoReturn:
    raise PolicyFaults([Fault("", NO_SUCH_NUMBER.fill(name=name))])

"""The findings of a case as its reviewer reads them: what is asked for, and what was found."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.queries.names import region_names
from app.rules.eligibility import Finding
from app.rules.kinds import Kind
from app.rules.words import Words, joined

TITLES = {
    "window_open": Words("受理时间", "Time of registration"),
    "exam_year": Words("考试通过年度", "Year of the examination"),
    "certificate_in_hand": Words("已取得职业水平证书", "Qualification certificate in hand"),
    "never_registered": Words("从未登记", "Never registered"),
    "last_registration": Words("上次登记", "Last registration"),
    "expires_within": Words("登记证书有效期", "Validity of the certificate"),
    "credit_hours": Words("继续教育学时", "Credit hours"),
    "level_in": Words("级别", "Level"),
    "region_in": Words("服务地域", "Region of service"),
    "none_in_flight": Words("无正在审核的申请", "No other application under review"),
    "adult": Words("年龄", "Age"),
    "real_name": Words("实名认证", "Identity verified"),
}
"""What a check is called at the office; a rule without a title speaks for itself."""


@dataclass(frozen=True)
class Check:
    """One finding; `sentence` is what its applicant reads, `expected` and `actual` are None where
    the rule has no numbers."""

    rule: str
    ok: bool
    warning: bool
    title: Words | None
    expected: Words | None
    actual: Words | None
    sentence: Words


def checks(kind: Kind, findings: Iterable[Finding]) -> tuple[Check, ...]:
    """The findings in words, what speaks against the case first; one statement when a region is
    among them."""
    findings = sorted(findings, key=lambda one: (one.ok, one.ok or one.warning))
    regions = region_names(
        code for one in findings if one.rule == "region_in" for code in (one.expected, one.actual)
    )
    return tuple(
        Check(
            rule=one.rule,
            ok=one.ok,
            warning=one.warning,
            title=TITLES.get(one.rule),
            expected=_said(kind, one.rule, one.expected, regions),
            actual=_said(kind, one.rule, one.actual, regions),
            sentence=one.message,
        )
        for one in findings
    )


def _said(kind: Kind, rule: str, text: str, regions: dict[str, str]) -> Words | None:
    """The value of a finding in words: codes by their names, spans and lists as people write
    them."""
    if not text:
        return None
    if rule == "level_in":
        return joined(kind.wording("level", code) for code in text.split(","))
    text = regions.get(text, text)
    first, _, last = text.partition("/")
    if last:
        return Words(f"{first} 至 {last}", f"{first} to {last}")
    return joined(Words(part, part) for part in text.split(","))

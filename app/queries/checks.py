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
    "registered": Words("已有登记记录", "Registered before"),
    "last_registration": Words("应登记年度", "Year of the next turn"),
    "expires_within": Words("登记证书有效期", "Validity of the certificate"),
    "after_expiry": Words("登记证书有效期", "Validity of the certificate"),
    "unexpired": Words("登记证书在有效期内", "Certificate not expired"),
    "not_revoked": Words("登记证书未被撤销或注销", "Certificate neither revoked nor cancelled"),
    "no_certificate_here": Words("尚无本系统的电子证书", "No certificate of this portal"),
    "without_certificate": Words("补证情形", "Case of the replacement"),
    "higher_level": Words("级别高于已登记的级别", "Level above the registered one"),
    "in_force": Words("政策有效期", "Validity of the policy"),
    "credit_proof": Words("继续教育证明", "Proof of hours"),
    "credit_hours": Words("继续教育学时", "Credit hours"),
    "level_in": Words("级别", "Level"),
    "region_in": Words("服务地域", "Region of service"),
    "none_in_flight": Words("无正在审核的申请", "No other application under review"),
    "adult": Words("年龄", "Age"),
    "real_name": Words("实名认证", "Identity verified"),
}
"""What a check is called at the office; a rule without a title speaks for itself."""

BOUNDS = {
    "<=": Words("不晚于 {value}", "{value} or earlier"),
    ">=": Words("不早于 {value}", "{value} or later"),
    "<": Words("早于 {value}", "before {value}"),
}


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
    if not text or rule == "not_revoked":
        return None
    if rule in ("level_in", "higher_level"):
        return joined(kind.wording("level", code) for code in text.lstrip(">").split(","))
    for sign, bound in BOUNDS.items():
        if text.startswith(sign):
            return bound.fill(value=text.removeprefix(sign))
    text = regions.get(text, text)
    first, _, last = text.partition("/")
    if last:
        return Words(f"{first} 至 {last}", f"{first} to {last}")
    if rule == "credit_hours":
        return Words(text.replace(": ", "年登记 ").replace("; ", "，"), text)
    return joined(Words(part, part) for part in text.split(","))

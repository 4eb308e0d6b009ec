"""The messages that the portal sends, as they are before anybody edits them in the console."""

from dataclasses import dataclass

from app.rules.words import BLANK, Words


@dataclass(frozen=True)
class Text:
    """A message: its title and its body; `sms` is the body of the text message where it differs."""

    title: Words
    body: Words
    sms: Words | None = None


ABOUT_ANY = ("name", "reference", "kind")
"""The blanks that every message about an application may use besides those of its own text."""

TEXTS: dict[str, Text] = {
    "correction": Text(
        Words("更正申请已办结：{result}", "Your request for correction: {result}"),
        Words(
            "{name}：您关于“{about}”的更正申请已办结，结果：{result}。答复：{answer}",
            "{name}: your request to correct “{about}” has been settled: {result}. {answer}",
        ),
    ),
    "own_export": Text(
        Words("您的数据副本已备好", "The copy of your data is ready"),
        Words(
            "{name}：您申请的本人数据副本已备好，请在{until}前登录“我的数据”下载，逾期自动删除。",
            "{name}: the copy of your data is ready. Sign in and fetch it under “My data” before "
            "{until}; it is deleted then.",
        ),
    ),
    "submitted": Text(
        Words("{kind}申请已提交", "{kind}: submitted"),
        Words(
            "{name}：您的{kind}申请（编号{reference}）已提交，请耐心等待审核结果。",
            "{name}: your application “{kind}” (case {reference}) has been submitted. "
            "Please wait for the result of the review.",
        ),
    ),
    "approved": Text(
        Words("{kind}审核通过", "{kind}: approved"),
        Words(
            "{name}：您的{kind}申请（编号{reference}）审核通过，登记完成，"
            "登记证书有效期至{valid_until}。",
            "{name}: your application “{kind}” (case {reference}) has been approved; your "
            "registration is complete and your certificate is valid until {valid_until}.",
        ),
        sms=Words(
            "您的{kind}申请审核通过，登记完成，登记证书有效期至{valid_until}，编号{reference}。",
            "Your application “{kind}” (case {reference}) has been approved; your certificate is "
            "valid until {valid_until}.",
        ),
    ),
    "rejected": Text(
        Words("{kind}审核不通过", "{kind}: not approved"),
        Words(
            "{name}：您的{kind}申请（编号{reference}）审核不通过。审核意见：{reason}\n"
            "请在登记时间内按审核意见修改后再次提交。",
            "{name}: your application “{kind}” (case {reference}) has not been approved. "
            "The reviewer says: {reason}\n"
            "Please correct it and submit it again while registration is open.",
        ),
        sms=Words(
            "您的{kind}申请审核不通过，审核意见：{reason}。请在登记时间内修改后再次提交，编号{reference}。",
            "Your application “{kind}” (case {reference}) has not been approved: {reason} "
            "Please correct it and submit it again while registration is open.",
        ),
    ),
    "returned": Text(
        Words("{kind}退回补正", "{kind}: returned for correction"),
        Words(
            "{name}：您的{kind}申请（编号{reference}）需要补正。审核意见：{reason}\n"
            "请按审核意见修改后再次提交。",
            "{name}: your application “{kind}” (case {reference}) needs a correction. "
            "The reviewer says: {reason}\nPlease correct it and submit it again.",
        ),
        sms=Words(
            "您的{kind}申请需要补正，审核意见：{reason}。请修改后再次提交，编号{reference}。",
            "Your application “{kind}” (case {reference}) needs a correction: {reason} "
            "Please correct it and submit it again.",
        ),
    ),
    "undone": Text(
        Words("{kind}审核结果已撤回", "{kind}: the result was taken back"),
        Words(
            "{name}：您的{kind}申请（编号{reference}）此前的审核结果已由审核机构撤回，申请正在重新审核，"
            "请以新的审核结果为准。",
            "{name}: the office has taken back its result on your application “{kind}” "
            "(case {reference}). The application is being reviewed again; please wait for the new "
            "result.",
        ),
    ),
    "issued": Text(
        Words("登记证书已出证", "Your registration certificate is issued"),
        Words(
            "{name}：您的登记证书（{kind}）已出证，证书编号{number}，有效期至{valid_until}。"
            "请在个人中心查看和下载。",
            "{name}: your registration certificate {number} ({kind}) has been issued; it is valid "
            "until {valid_until}. You can view and download it in your personal centre.",
        ),
    ),
    "lost": Text(
        Words("登记证书已声明遗失", "Your registration certificate is reported lost"),
        Words(
            "{name}：您已声明登记证书{number}遗失，该证书即刻作废，查验时显示“遗失作废”。"
            "需要新证书的，请在个人中心申请补证。如非本人操作，请立即与登记机构联系。",
            "{name}: you reported registration certificate {number} lost. It is void from now on, "
            "and whoever checks it is told so. For a new one please apply for a replacement in "
            "your personal centre. If this was not you, contact the registration office at once.",
        ),
    ),
    "revoked": Text(
        Words("登记证书已被撤销", "Your registration certificate has been revoked"),
        Words(
            "{name}：您的登记证书{number}已被撤销，原因：{reason}。该证书不再有效。"
            "如有异议，请与登记机构联系。",
            "{name}: your registration certificate {number} has been revoked. Reason: {reason}. "
            "It is no longer valid. If you object, please contact the registration office.",
        ),
    ),
    "cancelled": Text(
        Words("登记证书已注销", "Your registration certificate has been cancelled"),
        Words(
            "{name}：您的登记证书{number}已注销，原因：{reason}。该证书不再有效。"
            "如有异议，请与登记机构联系。",
            "{name}: your registration certificate {number} has been cancelled. Reason: {reason}. "
            "It is no longer valid. If you object, please contact the registration office.",
        ),
    ),
    "reissued": Text(
        Words("登记证书已换发", "Your registration certificate was made anew"),
        Words(
            "{name}：您的登记证书{number}已换发（{reason}），新证书编号{new_number}，"
            "有效期至{valid_until}不变。原证书不再有效，请在个人中心下载新证书。",
            "{name}: your registration certificate {number} was made anew ({reason}) with the "
            "number {new_number}; it stays valid until {valid_until}. The former one is no longer "
            "valid. Download the new one in your personal centre.",
        ),
    ),
    "amended": Text(
        Words("登记记录已更正", "Your registration record has been corrected"),
        Words(
            "{name}：登记机构更正了您{year}年的登记记录：{changes}。如有异议，请与登记机构联系。",
            "{name}: the registration office has corrected your registration of {year}: {changes}. "
            "If you object, please contact the registration office.",
        ),
    ),
    "reminder": Text(
        Words("登记提醒：{kind}", "Reminder: {kind}"),
        Words(
            "{name}：“{title}”将于{opens_on}开始，{closes_on}截止，您可以办理{kind}。"
            "请在登记时间内登录个人中心填写登记申请表。",
            "{name}: “{title}” opens on {opens_on} and closes on {closes_on}, and “{kind}” is due "
            "for you. Please fill in the form in your personal centre within this time.",
        ),
        sms=Words(
            "登记提醒：{opens_on}至{closes_on}您可以办理{kind}，请按时登录填写登记申请表。",
            "Reminder: from {opens_on} to {closes_on} you may apply: {kind}.",
        ),
    ),
    "sent": Text(
        Words("登记证书已寄出", "Your registration certificate is on its way"),
        Words(
            "{name}：您的登记证书（编号{number}）已由{carrier}寄出，运单号{tracking_number}。",
            "{name}: your registration certificate {number} was sent with {carrier}, "
            "tracking number {tracking_number}.",
        ),
    ),
    "collected": Text(
        Words("登记证书已领取", "Your registration certificate was collected"),
        Words(
            "{name}：您的登记证书（编号{number}）已领取。如非本人或委托人领取，请与登记机构联系。",
            "{name}: your registration certificate {number} was collected. If it was not by you "
            "or on your behalf, please contact the registration office.",
        ),
    ),
}


def blanks_of(code: str) -> frozenset[str]:
    """The blanks that a message of this kind can fill; raises KeyError for an unknown kind."""
    text = TEXTS[code]
    written = (text.title.zh, text.body.zh)
    return frozenset(ABOUT_ANY).union(*map(BLANK.findall, written))

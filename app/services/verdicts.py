"""What a certificate can be, and how that reads: one clear answer, why, and what to do now."""

from dataclasses import dataclass
from typing import Literal

from app.rules.words import Words

Standing = Literal[
    "valid",
    "due",
    "expired",
    "replaced",
    "lost",
    "revoked",
    "cancelled",
    "unknown",
    "mistyped",
    "wrong_digit",
    "paper",
    "paper_replaced",
    "paper_expired",
    "paper_doubtful",
]
IN_FORCE = ("valid", "due", "paper")


@dataclass(frozen=True)
class Verdict:
    """One answer to the question whether a certificate holds: how it looks and reads, and what
    whoever asked does next.

    `title` is also the mark across a certificate that is not in force.
    """

    tone: Literal["good", "warn", "bad"]
    title: Words
    text: Words
    advice: Words


_ASK_FOR_NEW = Words(
    "请向持证人索要新证书，并核验新证书的编号。",
    "Ask the holder for the new certificate and check its number.",
)
_DO_NOT_ACCEPT = Words(
    "请不要接受这份证书；如有疑问，请向登记机构核实。",
    "Do not accept this certificate; if in doubt, ask the registration authority.",
)
_RENEW = Words(
    "请持证人办理再次登记，并出示新证书。",
    "Ask the holder to renew the registration and to show the new certificate.",
)
_COMPARE_NUMBER = Words(
    "请与证书逐位核对后重新输入。",
    "Compare it with the certificate digit by digit and enter it again.",
)
_COMPARE_PAPER = Words(
    "请与纸质证书原件核对；要核验姓名，请持证人更换电子证书。",
    "Compare it with the paper original; to have the name checked, ask the holder to exchange it "
    "for an electronic certificate.",
)
VERDICTS: dict[str, Verdict] = {
    "valid": Verdict(
        "good",
        Words("有效", "Valid"),
        Words("证书有效。", "This certificate is valid."),
        Words(
            "请核对姓名、级别和照片是否与持证人一致。",
            "Compare name, level and photo with the person who shows it.",
        ),
    ),
    "due": Verdict(
        "good",
        Words("有效", "Valid"),
        Words("证书有效，即将到期。", "This certificate is valid and will soon expire."),
        Words(
            "请核对姓名、级别和照片是否与持证人一致，到期后请再次核验。",
            "Compare name, level and photo with the person who shows it, and check again after "
            "its last day.",
        ),
    ),
    "expired": Verdict(
        "warn",
        Words("已过期", "Expired"),
        Words(
            "证书是真的，但已超过有效期。",
            "This certificate is genuine, but its time is over.",
        ),
        _RENEW,
    ),
    "replaced": Verdict(
        "warn",
        Words("已被新证书取代", "Replaced"),
        Words(
            "证书是真的，但已由新证书取代，不再使用。",
            "This certificate is genuine, but a newer one has taken its place.",
        ),
        _ASK_FOR_NEW,
    ),
    "lost": Verdict(
        "bad",
        Words("遗失作废", "Lost"),
        Words(
            "证书已声明遗失，不再有效。",
            "This certificate was reported lost and is no longer valid.",
        ),
        _DO_NOT_ACCEPT,
    ),
    "revoked": Verdict(
        "bad",
        Words("已撤销", "Revoked"),
        Words("证书已被撤销，不再有效。", "This certificate has been revoked."),
        _DO_NOT_ACCEPT,
    ),
    "cancelled": Verdict(
        "bad",
        Words("已注销", "Cancelled"),
        Words("证书已注销，不再有效。", "This certificate has been cancelled."),
        _DO_NOT_ACCEPT,
    ),
    "unknown": Verdict(
        "bad",
        Words("查无此证", "Not found"),
        Words(
            "没有这个编号的登记证书。", "No registration certificate with this number was issued."
        ),
        Words(
            "请与证书核对编号，或上传证书的PDF文件核验。",
            "Compare the number with the certificate, or upload the certificate's PDF to check it.",
        ),
    ),
    "wrong_digit": Verdict(
        "bad",
        Words("编号有误", "The number is mistyped"),
        Words(
            "请检查编号：最后一位校验码与前面的数字不符，可能有数字输错或颠倒。",
            "Please check the number: the last character doesn't fit the others. A digit may be "
            "wrong, or two of them exchanged.",
        ),
        _COMPARE_NUMBER,
    ),
    "mistyped": Verdict(
        "bad",
        Words("编号有误", "The number is mistyped"),
        Words(
            "这不是一个正确的证书编号：电子证书编号为15位数字，纸质证书编号为8位数字。",
            "This cannot be a certificate number: an electronic certificate has 15 digits, a paper "
            "one has 8.",
        ),
        _COMPARE_NUMBER,
    ),
    "paper": Verdict(
        "good",
        Words("登记在册", "On the register"),
        Words(
            "这个编号的纸质登记证书登记在册，仍在有效期内。",
            "A paper certificate with this number is on the register and has not expired.",
        ),
        _COMPARE_PAPER,
    ),
    "paper_expired": Verdict(
        "warn",
        Words("已过期", "Expired"),
        Words(
            "这个编号的纸质登记证书登记在册，但已超过有效期。",
            "A paper certificate with this number is on the register, but its time is over.",
        ),
        _RENEW,
    ),
    "paper_replaced": Verdict(
        "warn",
        Words("已被新证书取代", "Replaced"),
        Words(
            "纸质证书是真的，但已由电子证书取代，不再使用。",
            "The paper certificate is genuine, but an electronic one has taken its place.",
        ),
        _ASK_FOR_NEW,
    ),
    "paper_doubtful": Verdict(
        "warn",
        Words("无法确认", "Cannot be confirmed"),
        Words(
            "登记中有多人使用这个纸质证书编号，无法确认是哪一份。",
            "The register has this paper certificate's number more than once, so it cannot be told "
            "which one is meant.",
        ),
        Words(
            "请向证书上的登记机构核实。",
            "Ask the registration authority named on the certificate.",
        ),
    ),
}

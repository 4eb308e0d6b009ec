"""Whether a PDF that somebody shows is genuine and its certificate in force: one answer to both."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.documents.signature import LARGEST
from app.rules.words import Words
from app.services.genuine import FileVerdict, Outcome, verify_pdf
from app.services.refusals import Invalid
from app.services.verdicts import Verdict
from app.services.verification import PublicStatus, public_status

FIELD = "file"
VALID = Words("文件真实，证书有效", "Genuine and valid")
OUT_OF_FORCE = Words("文件真实，但证书{state}", "Genuine, but: {state}")
TITLES: dict[Outcome, Words] = {
    "unregistered": Words("无法确认", "Cannot be confirmed"),
    "altered": Words("文件被改动过", "Changed after signing"),
    "foreign": Words("不是登记机构的文件", "Not a file of the registry"),
    "unsigned": Words("没有电子签名", "Not signed"),
    "no_pdf": Words("无法读取", "Cannot be read"),
}
COMPARE = Words(
    "请按编号核验，或向持证人索取从登记系统下载的原文件。",
    "Check the number, or ask the holder for the file as it was downloaded from the registry.",
)


@dataclass(frozen=True)
class FileAnswer:
    """What the file is worth, and of a genuine one what its certificate is now."""

    file: FileVerdict
    verdict: Verdict
    status: PublicStatus | None = None


def check_file(data: bytes) -> FileAnswer:
    """The answer to an uploaded file; nothing of it is kept.

    Raises Invalid for an empty one and for one too large to be a certificate.
    """
    if not data:
        raise _invalid(_l("Choose the PDF file of the certificate."))
    if len(data) > LARGEST:
        raise _invalid(_l("This file is too large to be a certificate of the registry."))
    found = verify_pdf(data)
    if not found.is_genuine or found.number is None:
        title = TITLES[found.outcome]
        return FileAnswer(found, Verdict("bad", title, found.sentence, COMPARE))
    status = public_status(found.number)
    return FileAnswer(found, _of_genuine(found, status), status)


def _of_genuine(found: FileVerdict, status: PublicStatus) -> Verdict:
    about = status.verdict
    title = VALID if status.in_force else OUT_OF_FORCE.fill(state=about.title)
    text = Words(found.sentence.zh + about.text.zh, f"{found.sentence.en} {about.text.en}")
    return Verdict(about.tone, title, text, about.advice)


def _invalid(sentence: object) -> Invalid:
    return Invalid.at(FIELD, sentence)

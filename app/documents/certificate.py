"""The registration certificate as PDF and as a picture for the phone's album."""

import io
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import segno
from PIL import Image

from app.clock import SHANGHAI
from app.documents.fonts import uncovered
from app.documents.typesetting import as_svg, draw_pdf, draw_png

ALBUM_DPI = 150
PHOTO_MM = (35, 53)
"""Width and height of the two-inch portrait on paper (BA-09)."""
PHOTO_BYTES = 100_000
SEAL_MM = (42, 42)
_DIGITS = "〇一二三四五六七八九"


class Undrawable(ValueError):
    """The certificate has characters that no installed font covers."""

    def __init__(self, characters: list[str]) -> None:
        codes = ", ".join(f"{character} U+{ord(character):04X}" for character in characters)
        super().__init__(f"no installed font covers {codes}; FONT_PATHS adds fonts")
        self.characters = characters


@dataclass(frozen=True)
class CertificateEntry:
    """One line of the record: what was registered, when, until when, at which office; the year
    alone where an older certificate does not tell the day."""

    kind: str
    registered_on: date | int
    valid_until: date | None
    level: str
    office: str


@dataclass(frozen=True)
class Copy:
    """What makes an annotated copy (加注件): what it may be used for, the day it was made."""

    purpose: str
    made_on: date

    @property
    def mark(self) -> str:
        """What stands all over each page."""
        return f"仅供{self.purpose}使用 {self.made_on}"

    @property
    def note(self) -> str:
        """What it is, and what it is not."""
        return (
            f"加注件：持证人于{chinese_date(self.made_on)}生成，仅供{self.purpose}使用，他用无效。"
            "本件不是经签名的证书原件，真伪与状态以核验页所示为准。"
        )


@dataclass(frozen=True)
class CertificateFacts:
    """All that stands on a registration certificate; texts as they are to be read.

    `number` has 15 digits (X-41), `id_number_masked` is shown as it comes, `photo` is the
    stored portrait in JPEG or PNG (CD-47). One not `in_force` carries `state_words` across
    every page, and so does a `copy`. `seal` is the authority's, a PNG; `notes` stand below the
    record. `template` names a Typst file (docs/certificates.md). `code` is the signed code that
    follows the address in the QR code, in digits. `label` stands at the foot of every page.
    """

    number: str
    name: str
    id_number_masked: str
    level: str
    management_number: str
    authority: str
    handling_body: str | None
    issued_on: date
    valid_from: date
    valid_until: date
    photo: bytes
    entries: tuple[CertificateEntry, ...]
    verify_url: str
    code: str = ""
    in_force: bool = True
    state_words: str = ""
    template: str = "registration_certificate"
    title: str = "社会工作者职业水平证书"
    subtitle: str = "登记证书"
    notes: tuple[str, ...] = ()
    seal: bytes | None = None
    copy: Copy | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if not self.in_force and not self.state_words:
            raise ValueError("a certificate that is not in force must say why")


def certificate_pdf(facts: CertificateFacts) -> bytes:
    """A4, PDF/A-2u, searchable and copyable; the same facts give the same bytes.

    Raises Undrawable when a character has no glyph, UnknownTemplate, typst.TypstError.
    """
    day = facts.copy.made_on if facts.copy else facts.issued_on
    made_at = datetime.combine(day, time(), SHANGHAI)
    content = _content(facts)
    return draw_pdf(facts.template, content, _pictures(facts), made_at=made_at, archival=True)


def certificate_png(facts: CertificateFacts) -> bytes:
    """Page 1 at 150 dots an inch, for the phone's album (CD-40); raises as certificate_pdf."""
    return draw_png(facts.template, _content(facts), _pictures(facts), dpi=ALBUM_DPI)


def chinese_date(day: date) -> str:
    """A date as documents write it: 二〇二〇年七月一日."""
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{_chinese_number(day.month)}月{_chinese_number(day.day)}日"


def _chinese_number(number: int) -> str:
    """1 to 99 in words: 一, 十, 十一, 二十, 三十一."""
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones else "")


def _content(facts: CertificateFacts) -> dict[str, Any]:
    content: dict[str, Any] = {
        "number": facts.number,
        "name": facts.name,
        "id_number_masked": facts.id_number_masked,
        "level": facts.level,
        "management_number": facts.management_number,
        "authority": facts.authority,
        "handling_body": facts.handling_body,
        "issued_on_words": chinese_date(facts.issued_on),
        "valid_from_words": chinese_date(facts.valid_from),
        "valid_until_words": chinese_date(facts.valid_until),
        "entries": [_cells(entry) for entry in facts.entries],
        "verify_url": facts.verify_url,
        "in_force": facts.in_force,
        "state_words": facts.state_words,
        "title": facts.title,
        "subtitle": facts.subtitle,
        "label": facts.label,
        "notes": list(facts.notes),
        "seal": facts.seal is not None,
        "copy": {"mark": facts.copy.mark, "note": facts.copy.note} if facts.copy else None,
        "qr_modules": code_of(facts).symbol_size(border=0)[0],
    }
    _refuse_uncovered(content)
    return content


def _cells(entry: CertificateEntry) -> list[str]:
    until = entry.valid_until.isoformat() if entry.valid_until else "—"
    return [entry.kind, str(entry.registered_on), until, entry.level, entry.office]


def _refuse_uncovered(content: dict[str, Any]) -> None:
    entries = ["".join(cells) for cells in content["entries"]]
    texts = [value for value in content.values() if isinstance(value, str)]
    copied = (content["copy"] or {}).values()
    if missing := uncovered("".join([*texts, *entries, *content["notes"], *copied])):
        raise Undrawable(missing)


def _pictures(facts: CertificateFacts) -> dict[str, str]:
    code = io.BytesIO()
    code_of(facts).save(code, kind="svg", border=0, dark="#1c2536", xmldecl=False)
    pictures = {
        "photo.svg": as_svg(_light(facts.photo), *PHOTO_MM),
        "qr.svg": code.getvalue().decode(),
    }
    return pictures | ({"seal.svg": as_svg(facts.seal, *SEAL_MM, whole=True)} if facts.seal else {})


def _light(photo: bytes) -> bytes:
    """The portrait in at most PHOTO_BYTES, so that a file stays below 200 kB: as it is stored when
    it can be, else as a JPEG of less quality, which a print of 35 by 53 mm does not show."""
    qualities = iter((85, 75, 60, 45, 30))
    light = photo
    while len(light) > PHOTO_BYTES and (quality := next(qualities, None)):
        out = io.BytesIO()
        with Image.open(io.BytesIO(photo)) as picture:
            picture.convert("RGB").save(out, "JPEG", quality=quality)
        light = out.getvalue()
    return light


def code_of(facts: CertificateFacts) -> segno.QRCode:
    """The code on a certificate: its address, and what is signed of it."""
    return _drawn_code(facts.verify_url, facts.code)


@lru_cache(maxsize=4)
def _drawn_code(url: str, code: str | None) -> segno.QRCode:
    # digits of their own segment take a third less: 57 modules instead of 77
    parts: Any = [f"{url}#", code] if code else url
    # what is signed looks like chance, so that one mask serves as well as another; trying all
    # eight takes four times as long, and half the time of the whole certificate
    return segno.make(parts, error="m", micro=False, boost_error=False, mask=4)

"""A trial of a certificate's template: what has to stand on every certificate, and does not."""

import io
from dataclasses import replace
from datetime import date

import pypdfium2 as pdfium  # type: ignore[import-untyped]
from PIL import Image

from app.documents.certificate import CertificateEntry, CertificateFacts, Copy, certificate_pdf

COPY = Copy("试印", date(2020, 8, 1))


def missing(template: str) -> list[str]:
    """The texts that a template does not print, of those that none may leave out: whose it is, its
    number and validity, the state of one that is not in force, and what a copy is.

    Raises UnknownTemplate, or typst.TypstError when it does not even run.
    """
    facts = _sample(template)
    plain = _text(facts)
    asked = {
        facts.name: plain,
        facts.number: plain,
        facts.level: plain,
        facts.authority: plain,
        facts.verify_url: plain,
        "二〇二三年七月十四日": plain,
        "已撤销": _text(replace(facts, in_force=False, state_words="已撤销")),
        COPY.mark: (copied := _text(replace(facts, copy=COPY))),
        COPY.note: copied,
    }
    return [text for text, page in asked.items() if "".join(text.split()) not in page]


def _text(facts: CertificateFacts) -> str:
    """All text of the drawn pages, without white space."""
    pages = pdfium.PdfDocument(certificate_pdf(facts))
    return "".join("".join(page.get_textpage().get_text_range() for page in pages).split())


def _sample(template: str) -> CertificateFacts:
    portrait = io.BytesIO()
    Image.new("RGB", (35, 53), "silver").save(portrait, "PNG")
    first, last = date(2020, 7, 15), date(2023, 7, 14)
    return CertificateFacts(
        number="412020000000006",
        name="欧阳静怡",
        id_number_masked="410105********4514",
        level="社会工作师",
        management_number="20190410500000177",
        authority="某某省民政厅",
        handling_body=None,
        issued_on=first,
        valid_from=first,
        valid_until=last,
        photo=portrait.getvalue(),
        entries=(CertificateEntry("首次登记", first, last, "社会工作师", "某某省民政厅"),),
        verify_url="https://portal.example/verify/412020000000006",
        template=template,
    )

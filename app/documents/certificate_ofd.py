"""The registration certificate as OFD (GB/T 33190), from the template of the PDF."""

import hashlib
import io
from dataclasses import replace

from PIL import Image, ImageOps

from app.documents.certificate import PHOTO_MM, CertificateFacts, certificate_pdf
from app.documents.ofd import About, ofd_of

UNSEALED = "本OFD版式文件未加盖国密电子印章，真伪与状态以核验页所示为准。"
DOTS = 12
"""Of the portrait, for each millimetre: about 300 an inch."""


def certificate_ofd(facts: CertificateFacts) -> bytes:
    """The certificate as OFD, its text searchable; the same facts give the same bytes.

    `label` of the facts says whether it bears a seal. Raises as certificate_pdf, and
    FontMissing.
    """
    about = About(
        key=hashlib.sha256(facts.number.encode()).hexdigest()[:32],
        title=f"{facts.title}{facts.subtitle} {facts.number}",
        author=facts.authority,
        made_on=facts.issued_on,
    )
    return ofd_of(certificate_pdf(replace(facts, photo=_framed(facts.photo))), about)


def _framed(photo: bytes) -> bytes:
    """The part of the portrait that is seen: an OFD's picture fills its frame and is not cut."""
    with Image.open(io.BytesIO(photo)) as source:
        size = (PHOTO_MM[0] * DOTS, PHOTO_MM[1] * DOTS)
        out = io.BytesIO()
        ImageOps.fit(source.convert("RGB"), size).save(out, "JPEG", quality=90)
    return out.getvalue()

"""What a certificate costs: drawn, signed, as a picture, by the job; beside its peers.

`python -m bench.certificates [CERTIFICATES]` prints milliseconds of processor time a certificate
(the median of so many, 40 unless told), how many that makes an hour and core, and the size of the
file. Every certificate is another person's. Rounds are interleaved, so that a noisy machine
disturbs all alike, and the processor's own time is counted, all threads together. Peers that are
absent (bench/requirements.txt) are left out.
"""

import io
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from statistics import median
from time import process_time

from PIL import Image, ImageDraw, ImageFilter

from app import clock
from app.documents.certificate import (
    CertificateEntry,
    CertificateFacts,
    certificate_pdf,
    certificate_png,
    code_of,
)
from app.documents.signature import sign_pdf
from app.factory import create_app
from app.keys import KeyStore
from app.services import certificates, setup
from app.services.redrawing import redraw
from bench.certificate_peers import PEERS
from bench.lists import settings

HOW_MANY = 40
NIGHT, HOURS, CORES = 200_000, 8, 2
NAMES = [
    "王小红",
    "欧阳静怡",
    "李明",
    "张建国",
    "阿不都热依木·买买提",
    "赵子龙",
    "钱多多",
    "吴亦菲",
    "郑和",
    "陈道明",
]
PAYLOAD = "4719306528" * 30
"""As long as the signed digits after the address in the code."""

Step = Callable[[CertificateFacts], bytes]


def facts_of(turn: int) -> CertificateFacts:
    """One more person's certificate."""
    number = f"11202041{turn:07d}"
    entry = CertificateEntry(
        "首次登记", date(2020, 7, 1 + turn % 28), date(2023, 5, 31), "社会工作师", "北京市民政局"
    )
    return CertificateFacts(
        number=number,
        name=NAMES[turn % len(NAMES)],
        id_number_masked=f"110105********{turn:04d}",
        level="社会工作师",
        management_number=f"2019041050{turn:07d}",
        authority="北京市民政局",
        handling_body="北京社会工作者协会",
        issued_on=entry.valid_until or date(2020, 7, 15),
        valid_from=date(2020, 7, 1 + turn % 28),
        valid_until=date(2023, 5, 31),
        photo=portrait(turn),
        entries=(entry,) * (1 + turn % 4),
        verify_url=f"https://register.example.gov.cn/verify/{number}",
        code=f"{turn:04d}{PAYLOAD}",
    )


def portrait(turn: int) -> bytes:
    """A picture as heavy as a photograph of a face."""
    grain = Image.effect_noise((413, 626), 22).filter(ImageFilter.GaussianBlur(0.6))
    image = Image.merge("RGB", (grain, grain, grain))
    ImageDraw.Draw(image).ellipse((110, 140, 303, 400), fill=(236, 190 + turn % 40, 170))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def steps(folder: Path) -> dict[str, Step]:
    """What is measured of ours, then the peers that are installed."""
    key = KeyStore(folder / "keys", None, production=False).signing_key()
    ours: dict[str, Step] = {
        "QR code alone": lambda facts: bytes(code_of(facts).symbol_size()),
        "PDF, with QR": certificate_pdf,
        "PDF, with QR, signed": lambda facts: sign_pdf(certificate_pdf(facts), key),
        "PNG, with QR": certificate_png,
    }
    for name, make in PEERS.items():
        with suppress(ImportError, OSError):
            ours[f"{name}, unsigned"] = make()
    return ours


def measured(many: int, steps: dict[str, Step]) -> dict[str, tuple[float, int]]:
    """Milliseconds of processor time and bytes, the median of each."""
    spent: dict[str, list[tuple[float, int]]] = {name: [] for name in steps}
    for turn in range(-1, many):  # the first one warms up
        for place, (name, step) in enumerate(steps.items()):
            facts = facts_of((turn + 1) * len(steps) + place)  # or Typst remembers it
            begun = process_time()
            size = len(step(facts))
            if turn >= 0:
                spent[name].append((1000 * (process_time() - begun), size))
    return {
        name: (median(ms for ms, _ in all_of), int(median(size for _, size in all_of)))
        for name, all_of in spent.items()
    }


def by_the_job(many: int, folder: Path) -> tuple[float, int]:
    """The same for `portal certificates render`: from the rows of the register to the stored file
    and its digest, on SQLite."""
    from tests.services.approved import approved  # cases as the tests make them

    app = create_app(settings(folder) | {"PORTAL_KEYS": folder / "keys"})
    from flask_migrate import upgrade

    with app.app_context():
        upgrade()
        list(setup.initialise())
        numbers = [certificates.issue(approved().application.id).number for _ in range(many + 1)]
        redraw(numbers.pop())
        spent = []
        for number in numbers:
            begun = process_time()
            redraw(number)
            spent.append(1000 * (process_time() - begun))
    return median(spent), 0


def report(name: str, ms: float, size: int) -> None:
    """One line of the table."""
    kilobytes = f"{size / 1000:8.0f} kB" if size else ""
    print(f"{name:28}{ms:9.1f} ms{3_600_000 / ms:12,.0f}{kilobytes:>14}")  # noqa: T201 - the result


def main() -> None:
    """Measure and print."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else HOW_MANY
    logging.disable(logging.WARNING)
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core
    print(f"{'':28}{'processor':>12}{'an hour':>12}{'file':>14}")  # noqa: T201
    with tempfile.TemporaryDirectory() as name, clock.frozen("2020-07-15T10:00"):
        folder = Path(name)
        found = measured(many, steps(folder))
        for step, (ms, size) in found.items():
            report(step, ms, size)
        job, _none = by_the_job(many, folder)
        report("by the job, with database", job, 0)
    signed = found["PDF, with QR, signed"][0]
    if peer := found.get("WeasyPrint, unsigned"):
        ratio = peer[0] / signed
        print(f"signed, against WeasyPrint unsigned: {ratio:.1f} times as fast")  # noqa: T201
    night = NIGHT * job / 3_600_000 / CORES
    print(f"{NIGHT:,} on {CORES} cores: {night:.1f} of {HOURS} hours")  # noqa: T201


if __name__ == "__main__":
    main()

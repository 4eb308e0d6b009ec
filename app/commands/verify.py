"""The command `flask --app run portal verify`: what the public page says, for scripts."""

from pathlib import Path

import click

from app import clock
from app.services.file_checks import check_file
from app.services.refusals import Invalid
from app.services.verdicts import Verdict
from app.services.verification import PublicStatus, public_status


@click.command()
@click.argument("what", metavar="NUMBER|FILE.pdf")
def verify(what: str) -> None:
    """Say what a certificate is worth, by its number or by its PDF.

    Ends with 0 when it is in force (and the file genuine), with 1 when not.
    """
    path = Path(what)
    if path.suffix.lower() == ".pdf" or path.is_file():
        _file(path)
    else:
        status = public_status(what)
        _tell(status.verdict, status)


def _file(path: Path) -> None:
    try:
        found = check_file(path.read_bytes())
    except OSError as fault:
        raise click.UsageError(f"{path} cannot be read: {fault.strerror}") from fault
    except Invalid as refusal:
        raise click.UsageError(str(refusal.sentence)) from refusal
    _tell(found.verdict, found.status)


def _tell(verdict: Verdict, status: PublicStatus | None) -> None:
    lines = [verdict.title.en]
    if status is not None:
        lines += [f"number: {status.number}", f"status: {status.standing}"]
        if status.printed:
            lines.append(f"holder: {status.printed.name}")
        if status.valid_until:
            lines.append(f"valid until: {status.valid_until.isoformat()}")
        if status.successor:
            lines.append(f"replaced by: {status.successor.number}")
        lines.append(f"as of: {clock.local(status.as_of).isoformat(timespec='seconds')}")
    click.echo("\n".join(lines))
    if status is None or not status.in_force:
        raise SystemExit(1)

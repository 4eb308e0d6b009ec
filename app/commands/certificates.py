"""The commands of certificates: `flask --app run portal certificates ...`."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click
from flask.cli import AppGroup

from app.keys import KeyRefused
from app.services.redrawing import Redrawing, Redrawn, redraw

RECOUNT = 500
"""After how many of its own a process asks what the others have done."""

certificates = AppGroup("certificates", help="Look after the signed files of certificates.")


@certificates.command()
@click.argument("numbers", nargs=-1, metavar="[NUMBER]...")
@click.option("--all", "everything", is_flag=True, help="All that look otherwise than drawn today.")
def render(numbers: tuple[str, ...], everything: bool) -> None:
    """Draw and sign certificates again, after a change of template, address or key.

    Interrupted, it goes on where it was when it is called again; called more than once at a time,
    the processes share the work. Each file is handed out until the new one is written.
    """
    if everything == bool(numbers):
        raise click.UsageError("Give either --all or the numbers of certificates.")
    done, failed = 0, 0
    try:
        for one in _all() if everything else _each(numbers):
            done, failed = done + (one.fault is None), failed + (one.fault is not None)
            if one.fault is not None:
                click.echo(f"{one.number}: {one.fault}", err=True)
    except KeyRefused as fault:
        click.echo(f"done: {done}, failed: {failed}")
        raise click.ClickException(f"{fault} Nothing is lost; call the command again.") from fault
    click.echo(f"done: {done}, failed: {failed}")
    if failed:
        raise SystemExit(1)


def _each(numbers: Iterable[str]) -> Iterator[Redrawn]:
    for number in numbers:
        yield redraw(number) or Redrawn(number, "there is no such certificate")


def _all() -> Iterator[Redrawn]:
    """All in one round, with a bar on standard error that knows of other processes too."""
    redrawing = Redrawing()
    total = redrawing.left()
    shown: Any = click.progressbar(length=total, label="certificates", file=sys.stderr)
    with shown as bar:
        for count, one in enumerate(redrawing.round(), 1):
            yield one
            ahead = total - redrawing.left() - bar.pos if count % RECOUNT == 0 else 1
            bar.update(max(0, ahead))

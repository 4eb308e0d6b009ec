"""The commands of the audit log: `flask --app run portal audit ...`."""

from datetime import datetime

import click
from flask.cli import AppGroup

from app.services import anchors
from app.services import audit as log

audit = AppGroup("audit", help="Prove that the audit log is as it was.")


@audit.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Take the anchors before this day at their word.",
)
def verify(since: datetime | None) -> None:
    """Look for changed, removed, inserted and reordered events; ends with 1 when there are any."""
    report = log.verify(since.date() if since else None)
    for line in report.words():
        click.echo(line.en)
    if not report.sound:
        raise SystemExit(1)


@audit.command()
def anchor() -> None:
    """Write the anchor of today unless it is there, as the worker does once a day."""
    anchors.anchor()

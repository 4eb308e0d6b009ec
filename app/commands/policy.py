"""The commands of policies as files: `flask --app run portal policy ...`."""

import sys
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app.queries import studio as shelves
from app.queries.policy_texts import BrokenTexts, TextFault, Texts
from app.services import policies, studio
from app.services.bilingual import language
from app.services.refusals import Refusal

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

policy = AppGroup("policy", help="Check, export and import policies as YAML files.")


def refuse(broken: BrokenTexts) -> None:
    """Say every fault on standard error, `FILE:LINE: key: reason`, and end with 1."""
    for fault in broken.faults:
        click.echo(_told(fault), err=True)
    raise SystemExit(1)


@policy.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say what is wrong with a policy file, one line a fault; nothing, and 0, when it is sound."""
    faults = policies.faults_of_file(file)
    for fault in faults:
        click.echo(_told(fault))
    sys.exit(1 if faults else 0)


@policy.command()
@click.argument("code")
@click.option("--edition", type=int, help="A published edition instead of the one in force.")
def export(code: str, edition: int | None) -> None:
    """Write a policy to standard output, to the byte as it was published."""
    if edition is None:
        row = shelves.in_force(code)
    else:
        row = next((one for one in shelves.editions_of(code) if one.edition == edition), None)
    if row is None:
        raise click.ClickException(f"there is no such edition of a policy {code}")
    click.echo(Texts.of(row.source).own.encode(), nl=False)


@policy.command("import")
@click.argument("file", type=FILE)
@click.option("--from", "day", type=click.DateTime(["%Y-%m-%d"]), help="In force from this day.")
def import_file(file: Path, day: datetime | None) -> None:
    """Make a draft of a policy file for the console, where two people publish it."""
    try:
        draft = studio.begin_unattended(file.read_bytes(), day.date() if day else None)
    except Refusal as fault:
        raise click.ClickException(str(fault.sentence)) from fault
    click.echo(f"draft {draft.id} of {draft.code}: /console/studio/{draft.id}/")


def _told(fault: TextFault) -> str:
    return fault.told(language())

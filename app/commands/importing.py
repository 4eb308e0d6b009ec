"""Tables of any length into the register: `flask --app run portal import ...`."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from app.scope import acting_as
from app.security import actor_of, find_account
from app.services import imports, sheets
from app.services.bilingual import both
from app.services.imports import IMPORTED, Line
from app.services.refusals import Invalid, Refusal

AT_ONCE = 500
"""Rows whose persons are looked up together."""


@click.command("import")
@click.argument("name", type=click.Choice(tuple(IMPORTED)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, metavar="NAME", help="Whose account acts.")
@click.option("--trial", is_flag=True, help="Say what would become of each row; keep nothing.")
def bring(name: str, file: Path, username: str, trial: bool) -> None:
    """Take a table in CSV or XLSX into the register, as an account does it on the screens.

    Prints the refused rows as CSV: row, column, what is wrong; how many were new, known and
    refused goes to standard error. Ends with 1 when one was refused. It can be repeated.
    """
    account = find_account(username=username)
    if account is None or not account.active:
        raise click.UsageError(f"There is no account {username} in use.")
    counts: Counter[str] = Counter()
    out = csv.writer(sys.stdout)
    try:
        with acting_as(actor_of(account)):
            for line in _lines(name, file, trial):
                counts[line.state] += 1
                for heading, said in line.faults:
                    out.writerow((line.number, heading and heading.zh, both(said).zh))
    except Refusal as fault:
        said = fault.errors.get(sheets.FIELD) if isinstance(fault, Invalid) else fault.sentence
        raise click.ClickException(both(said).zh) from fault
    click.echo(
        " ".join(f"{state} {counts[state]}" for state in ("new", "known", "refused")), err=True
    )
    if counts["refused"]:
        raise SystemExit(1)


def _lines(name: str, file: Path, trial: bool) -> Iterator[Line]:
    rows = imports.rows_of(IMPORTED[name], sheets.table(file.read_bytes()))
    bring = imports.trial if trial else imports.take
    while some := list(islice(rows, AT_ONCE)):
        yield from bring(name, some)

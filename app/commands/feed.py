"""The return feed of a region: `flask --app run portal feed ...`."""

import json
from typing import Any

import click

from app.queries.feed import changed
from app.rules.regions import level_of


def _region(_context: Any, _option: Any, code: str) -> str:
    try:
        level_of(code)
    except ValueError as fault:
        raise click.BadParameter("six digits, such as 410000") from fault
    return code


@click.command()
@click.option("--region", required=True, callback=_region, metavar="CODE", help="Whose own rows.")
@click.option("--after", type=click.IntRange(0), default=0, help="The cursor of the last time.")
def feed(region: str, after: int) -> None:
    """Print what has changed of a region's own rows, one JSON object a line; the last line has the
    cursor for the next time."""
    for row in changed(region, after):
        click.echo(json.dumps(row, ensure_ascii=False))

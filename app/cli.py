"""The commands: `flask --app run portal ...`; results on standard output, the rest on standard
error."""

import csv
import sys
from collections.abc import Iterator
from datetime import datetime

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from app.commands.assess import assess
from app.commands.audit import audit
from app.commands.certificates import certificates
from app.commands.feed import feed
from app.commands.importing import bring
from app.commands.policy import policy, refuse
from app.commands.verify import verify
from app.queries.policy_texts import BrokenTexts
from app.services import offices, reminders, setup, timetable
from app.services.demo import telling
from app.services.demo.scale import telling as scale
from app.services.demo.scale.people import MOST
from app.services.refusals import Refusal

portal = AppGroup("portal", help="Install the portal and look after it.")


def install(app: Flask) -> None:
    """Add the commands to an application."""
    app.cli.add_command(portal)


portal.add_command(assess)
portal.add_command(audit)
portal.add_command(certificates)
portal.add_command(feed)
portal.add_command(bring)
portal.add_command(policy)
portal.add_command(verify)


@portal.command()
def init() -> None:
    """Create or update the schema, the regions, the policies and their windows, and the roles.

    A policy file with faults is told line by line, and what is in force stays in force.
    """
    upgrade()
    try:
        for line in setup.initialise():
            click.echo(line)
    except BrokenTexts as broken:
        refuse(broken)


@portal.command("create-admin")
@click.argument("username")
def create_admin(username: str) -> None:
    """Open the first platform administrator's account and print its initial password."""
    click.echo(setup.first_administrator(username))


@portal.command("open-offices")
@click.argument("region")
def open_offices(region: str) -> None:
    """Open an administrator's account for each region below REGION that has none; print them as
    CSV with their initial passwords, which are kept nowhere.
    """
    rows = csv.writer(sys.stdout)
    rows.writerow(("region", "name", "username", "initial_password"))
    for one in offices.open_offices(region):
        rows.writerow((one.region_code, one.region, one.username, one.password))


@portal.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database already holds data.")
@click.option("--workers", type=click.IntRange(1, MOST), help="Load so many people in bulk.")
@click.option("--applications", type=click.IntRange(0), help="And so many cases of theirs.")
@click.option("--seed", default=1, help="The same number gives the same register.")
def demo(if_empty: bool, workers: int | None, applications: int | None, seed: int) -> None:
    """Fill an empty database with a demonstration: accounts, workers, and cases in every state.

    With --workers it is a register of that size instead of a story, for measuring.
    """
    if workers is None and applications is not None:
        raise click.UsageError("--applications needs --workers")
    told = telling.tell() if workers is None else _register(workers, applications, seed)
    try:
        for line in told:
            click.echo(line)
    except Refusal as fault:
        if not if_empty:
            raise click.ClickException(str(fault.sentence)) from fault


def _register(workers: int, applications: int | None, seed: int) -> Iterator[str]:
    many = workers * 3 if applications is None else applications
    return scale.tell(workers, many, seed, lambda line: click.echo(line, err=True))


@portal.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, metavar="DATE")
def remind(on: datetime) -> None:
    """Tell whoever may apply in a window that opens soon after DATE, once; print how many."""
    click.echo(reminders.remind(on.date()))


@portal.command()
@click.option("--beside", is_flag=True, help="End when standard input closes.")
def work(beside: bool) -> None:
    """Do what was promised, as soon as it is: the worker that `python run.py` starts."""
    if "queue" not in current_app.extensions:
        raise click.ClickException("PORTAL_JOBS is off")
    timetable.consume(current_app, sys.stdin.buffer if beside else None)

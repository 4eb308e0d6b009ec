"""The commands: `flask --app run portal ...`; results on standard output, the rest on standard
error."""

import sys
from datetime import datetime

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from flask_migrate import upgrade

from app.commands.assess import assess
from app.commands.audit import audit
from app.commands.policy import policy, refuse
from app.queries.policy_texts import BrokenTexts
from app.services import reminders, setup, timetable
from app.services.demo import telling
from app.services.refusals import Refusal

portal = AppGroup("portal", help="Install the portal and look after it.")


def install(app: Flask) -> None:
    """Add the commands to an application."""
    app.cli.add_command(portal)


portal.add_command(assess)
portal.add_command(audit)
portal.add_command(policy)


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


@portal.command()
@click.option("--if-empty", is_flag=True, help="Do nothing when the database already holds data.")
def demo(if_empty: bool) -> None:
    """Fill an empty database with a demonstration: accounts, workers, and cases in every state."""
    try:
        for line in telling.tell():
            click.echo(line)
    except Refusal as fault:
        if not if_empty:
            raise click.ClickException(str(fault.sentence)) from fault


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

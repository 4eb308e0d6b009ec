"""Who stands in for whom today, and who could: the colleagues of one office."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, selectinload

from app import clock
from app.extensions import db
from app.queries import asking
from app.scope import Actor
from app.security import ROLES
from models.account import Account
from models.substitution import Substitution

DECIDE = "applications.decide"


@dataclass(frozen=True)
class Standing:
    """One substitution with the accounts of both."""

    row: Substitution
    absent: Account
    substitute: Account


def absent_for(actor: Actor) -> Select[int]:
    """The accounts that the actor stands in for today, in the actor's own office."""
    return select(Substitution.absent_id).where(
        Substitution.substitute_id == actor.account_id,
        Substitution.region_code == actor.region_code,
        Substitution.from_on <= asking.today(),
        Substitution.until_on >= asking.today(),
    )


def deciding_roles(account: Account) -> frozenset[str]:
    """The roles of an account that decide cases."""
    held = (role for role in account.role_codes if role in ROLES)
    return frozenset(role for role in held if DECIDE in ROLES[role].permissions)


def reviewers(region_code: str) -> list[Account]:
    """The reviewers of an office who can sign in, in the order of their names."""
    query = select(Account).where(Account.region_code == region_code, Account.active)
    query = query.options(selectinload(Account.roles))
    rows = db.session.scalars(query.order_by(Account.last_name, Account.id))
    return [one for one in rows if deciding_roles(one)]


def could_do(one: Account, whose: Account) -> bool:
    """Whether somebody of the same office decides all that the other one decides."""
    return one.id != whose.id and deciding_roles(whose) <= deciding_roles(one)


def standing(region_code: str) -> Sequence[Standing]:
    """The substitutions of an office that are in force or to come, the first one first."""
    absent, substitute = aliased(Account), aliased(Account)
    query = (
        select(Substitution, absent, substitute)
        .join(absent, absent.id == Substitution.absent_id)
        .join(substitute, substitute.id == Substitution.substitute_id)
        .where(Substitution.region_code == region_code, Substitution.until_on >= clock.today())
        .order_by(Substitution.from_on, Substitution.id)
        .options(selectinload(absent.roles))
    )
    return [Standing(*found) for found in db.session.execute(query)]

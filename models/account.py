"""Accounts: FAB's user with an office or a person behind it."""

from datetime import datetime
from secrets import token_hex

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_appbuilder.security.sqla.models import User as FabUser
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, func, select
from sqlalchemy import text as condition
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.rules.fields import Choice, FieldSpec
from models.base import RegionScoped
from models.codes import ROLES
from models.columns import Moment, Phone, Ref, Semantics, UtcInstant

# FAB made these columns; what they mean is said here, like that of any other
_OF_FAB = {
    "username": Semantics(
        FieldSpec(name="", kind="text", label=_l("User name")), find="equal", written=False
    ),
    "last_name": Semantics(FieldSpec(name="", kind="text", label=_l("Name")), written=False),
    "active": Semantics(
        FieldSpec(name="", kind="boolean", label=_l("Active")), find="equal", written=False
    ),
}
_USERS, _ROLES = FabUser.__table__, Role.__table__
for _name, _meaning in _OF_FAB.items():
    _USERS.c[_name].info["semantics"] = _meaning

_ROLE = Semantics(
    FieldSpec(
        name="",
        kind="choice",
        label=_l("Role"),
        choices=tuple(Choice(code, label) for code, label in ROLES.items()),
    ),
    find="equal",
    written=False,
)


class Account(RegionScoped, FabUser):
    """One sign-in: its roles say what it may do, its region, worker or organization to
    which rows."""

    __tablename__ = "ab_user"
    __table_args__ = {"extend_existing": True}
    __label__ = "username"
    __account__ = "id"

    role: Mapped[str | None] = column_property(
        select(func.min(_ROLES.c.name))
        .join(assoc_user_role, assoc_user_role.c.role_id == _ROLES.c.id)
        .where(assoc_user_role.c.user_id == _USERS.c.id)
        .correlate(_USERS)
        .scalar_subquery(),
        info={"semantics": _ROLE},
    )
    phone: Mapped[str | None] = Phone()
    phone_proved_at: Mapped[datetime | None] = mapped_column(UtcInstant)  # by a code sent to it
    worker_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("worker.id"), unique=True)
    organization_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("organization.id"), index=True
    )
    # who an office's account belongs to, when that person is on the roster: for four eyes alone
    person_id: Mapped[int | None] = Ref("worker", _l("On the roster"), written=False, find=False)
    language: Mapped[str | None] = mapped_column(String(12))  # chosen, in which it is written to
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=True)
    locked_until: Mapped[datetime | None] = Moment(_l("Locked until"))
    credentials_changed_at: Mapped[datetime | None] = Moment(_l("Earlier sign-ins ended"))

    @property
    def role_codes(self) -> frozenset[str]:
        """The codes of the account's roles, as `app.security.ROLES` names them."""
        return frozenset(role.name for role in self.roles)

    @property
    def display_name(self) -> str:
        """The person's name in the order that Chinese names have."""
        return f"{self.last_name}{self.first_name}"

    def get_id(self) -> str:
        """The key to the account: another one after a change of the password or when it is switched
        off, which ends every session and token of before."""
        changed = self.credentials_changed_at
        return f"{self.id}.{int(changed.timestamp() * 1_000_000) if changed else 0}"

    def new_session(self) -> str:
        """The key of a session that begins now: the account's, and a name of its own by which this
        session alone is ended."""
        return f"{self.get_id()}.{token_hex(16)}"


# FAB made the table, so this one cannot stand in __table_args__: who signs in by a code sent to a
# telephone is one account
_PROVED = condition("phone_proved_at IS NOT NULL")
Index(
    "uq_account_phone",
    Account.__table__.c.phone,
    unique=True,
    sqlite_where=_PROVED,
    postgresql_where=_PROVED,
)

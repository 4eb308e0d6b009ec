"""Accounts: FAB's user with an office or a person behind it."""

from datetime import datetime

from flask_appbuilder.security.sqla.models import User as FabUser
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import RegionScoped
from models.columns import Moment, Phone


class Account(RegionScoped, FabUser):
    """One sign-in: its roles say what it may do, its region, worker or organization
    to which rows."""

    __tablename__ = "ab_user"
    __table_args__ = {"extend_existing": True}
    __label__ = "username"
    __account__ = "id"

    phone: Mapped[str | None] = Phone()
    worker_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("worker.id"), unique=True)
    organization_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("organization.id"), index=True
    )
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=True)
    locked_until: Mapped[datetime | None] = Moment(_l("Locked until"))
    credentials_changed_at: Mapped[datetime | None] = Moment(_l("Password changed"))

    @property
    def role_codes(self) -> frozenset[str]:
        """The codes of the account's roles, as `app.security.ROLES` names them."""
        return frozenset(role.name for role in self.roles)

    @property
    def display_name(self) -> str:
        """The person's name in the order that Chinese names have."""
        return f"{self.last_name}{self.first_name}"

    def get_id(self) -> str:
        """The session's key: it ends with the password, so a changed one ends every session."""
        changed = self.credentials_changed_at
        return f"{self.id}.{int(changed.timestamp() * 1_000_000) if changed else 0}"

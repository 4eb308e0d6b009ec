"""Organizations: service organizations, associations and the authorities' own offices."""

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from models.base import Record, RegionScoped
from models.codes import ORGANIZATION_KINDS
from models.columns import Active, Address, Code, CreditCode, Phone, Title


class Organization(RegionScoped, Record):
    """One organization by its unified social credit code."""

    __label__ = "name"
    __organization__ = "id"

    name: Mapped[str] = Title(_l("Name of the organization"))
    kind: Mapped[str] = Code(_l("Kind"), ORGANIZATION_KINDS)
    credit_code: Mapped[str] = CreditCode()
    phone: Mapped[str | None] = Phone()
    address: Mapped[str | None] = Address()
    active: Mapped[bool] = Active()

"""What every table shares: one metadata with FAB, a version for the optimistic lock, and whose row
it is."""

import re
from datetime import datetime
from typing import Any

from flask_appbuilder import Model as FabModel
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Integer, String, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, declared_attr, mapped_column, validates

from app.rules import regions
from models.columns import CreatedAt, Ref, RegionRef, semantics_of


class Base(DeclarativeBase):
    """Our tables live in FAB's metadata, so that one migration sees both."""

    registry = FabModel.registry

    @declared_attr.directive
    def __tablename__(cls) -> str:
        """The noun, in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Record(Base):
    """A row that people keep: surrogate key, time of birth, version for the optimistic lock."""

    __abstract__ = True
    __label__ = "id"  # the attribute that names a row where another one refers to it

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    created_at: Mapped[datetime] = CreatedAt()
    version: Mapped[int] = mapped_column(Integer, nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """Every UPDATE says which version it read; a stale one changes nothing and raises."""
        return {"version_id_col": cls.version}


class RegionScoped:
    """A row that lies in a region; a subtree is one equality on one indexed column at any level."""

    region_code: Mapped[str] = RegionRef()
    province_code: Mapped[str] = mapped_column(String(6))
    city_code: Mapped[str] = mapped_column(String(6))

    @validates("region_code")
    def _place(self, _key: str, code: str) -> str:
        self.province_code = regions.province_of(code)
        self.city_code = regions.city_of(code)
        return code


class WorkerOwned(RegionScoped):
    """A row of one worker: it lies where the worker lies, and the worker sees it."""

    __worker__ = "worker_id"

    worker_id: Mapped[int] = Ref("worker", _l("Social worker"), parent=True)


class Published(RegionScoped):
    """A row that an office publishes for its subtree: everybody below reads it once it is out."""

    state: Mapped[str]


class Personal:
    """A row of one account, for nobody else."""

    __account__ = "user_id"

    user_id: Mapped[int] = Ref("ab_user", _l("Account"), written=False)


class Audited(RegionScoped):
    """A row of the audit log: appended by every act, read by auditors alone."""


@event.listens_for(Mapper, "after_mapper_constructed")
def _finish_table(mapper: Mapper[Any], cls: type) -> None:
    """Add what the columns of a scoped or sortable table imply, so that no model repeats it."""
    table = cls.__dict__.get("__table__")
    if table is None:
        return
    if issubclass(cls, RegionScoped):
        _hold_region(table)
    if "id" in table.c:
        _index_columns(mapper, table)


def _hold_region(table: Any) -> None:
    for column, length, tail in (("province_code", 2, "0000"), ("city_code", 4, "00")):
        table.append_constraint(
            CheckConstraint(
                f"{column} = substr(region_code, 1, {length}) || '{tail}'",
                name=f"ck_{table.name}_{column}",
            )
        )
    for column in ("province_code", "city_code", "region_code"):
        Index(f"ix_{table.name}_{column}", table.c[column], table.c.id)


def _index_columns(mapper: Mapper[Any], table: Any) -> None:
    for key, meaning in semantics_of(mapper).items():
        if key not in table.c:
            continue  # an expression
        column = table.c[key]
        if meaning.find == "prefix":
            # ILIKE is served by no B-tree; LIKE 'x%' is, with this operator class
            Index(
                f"ix_{table.name}_{key}_prefix",
                column,
                table.c.id,
                postgresql_ops={key: "text_pattern_ops"},
            )
        if meaning.sort:
            Index(f"ix_{table.name}_{key}", column, table.c.id)

"""An application settles several turns, and certificates follow one another

Revision ID: 0021
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0011"
branch_labels = None
depends_on = None

UNNAMED = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
IN_FORCE = sa.text("state = 'valid'")


def upgrade() -> None:
    with op.batch_alter_table("registration", naming_convention=UNNAMED) as batch:
        batch.drop_constraint(_unique("registration", "application_id"), type_="unique")
        batch.create_unique_constraint("uq_registration_turn", ["application_id", "cycle_year"])
    with op.batch_alter_table("certificate", naming_convention=UNNAMED) as batch:
        batch.drop_constraint(_unique("certificate", "registration_id"), type_="unique")
        batch.add_column(sa.Column("predecessor_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "certificate_predecessor_id_fkey", "certificate", ["predecessor_id"], ["id"]
        )
        batch.create_index("ix_certificate_registration_id", ["registration_id"])
        batch.create_index("ix_certificate_predecessor_id", ["predecessor_id"], unique=True)
        batch.create_index(
            "uq_certificate_in_force",
            ["worker_id"],
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        )


def downgrade() -> None:
    with op.batch_alter_table("certificate", naming_convention=UNNAMED) as batch:
        batch.drop_index("uq_certificate_in_force")
        batch.drop_index("ix_certificate_predecessor_id")
        batch.drop_index("ix_certificate_registration_id")
        batch.drop_constraint("certificate_predecessor_id_fkey", type_="foreignkey")
        batch.drop_column("predecessor_id")
        batch.create_unique_constraint(
            _unique("certificate", "registration_id"), ["registration_id"]
        )
    with op.batch_alter_table("registration", naming_convention=UNNAMED) as batch:
        batch.drop_constraint("uq_registration_turn", type_="unique")
        batch.create_unique_constraint(
            _unique("registration", "application_id"), ["application_id"]
        )


def _unique(table: str, column: str) -> str:
    """What the database calls a constraint that was made without a name."""
    postgres = op.get_bind().dialect.name == "postgresql"
    return f"{table}_{column}_key" if postgres else f"uq_{table}_{column}"

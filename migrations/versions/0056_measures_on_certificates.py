"""What offices do to certificates, and why one is out of force."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0032"
branch_labels = None
depends_on = None

UNNAMED = {"uq": "uq_%(table_name)s_%(column_0_name)s"}
PROPOSED = sa.text("state = 'proposed'")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("certificate", naming_convention=UNNAMED) as batch:
        batch.drop_constraint(_unique("certificate", "application_id"), type_="unique")
        batch.add_column(sa.Column("ended_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("end_reason", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
        batch.create_unique_constraint("uq_certificate_edition", ["application_id", "edition"])
    op.create_table(
        "measure",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("certificate_number", sa.String(length=15), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("reason_code", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name="ck_measure_city_code"
        ),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'", name="ck_measure_province_code"
        ),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["proposed_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("measure", schema=None) as batch:
        for column in ("city_code", "province_code", "region_code"):
            batch.create_index(f"ix_measure_{column}", [column, "id"])
        for column in ("certificate_id", "proposed_by", "decided_by"):
            batch.create_index(f"ix_measure_{column}", [column])
        batch.create_index(
            "ix_measure_name_prefix",
            ["name", "id"],
            postgresql_ops={"name": "text_pattern_ops"},
        )
        batch.create_index(
            "uq_measure_proposed",
            ["certificate_id"],
            unique=True,
            sqlite_where=PROPOSED,
            postgresql_where=PROPOSED,
        )


def downgrade() -> None:
    """Take it back; fails where a certificate was made anew."""
    op.drop_table("measure")
    with op.batch_alter_table("certificate", naming_convention=UNNAMED) as batch:
        batch.drop_constraint("uq_certificate_edition", type_="unique")
        batch.drop_column("edition")
        batch.drop_column("end_reason")
        batch.drop_column("ended_on")
        batch.create_unique_constraint(_unique("certificate", "application_id"), ["application_id"])


def _unique(table: str, column: str) -> str:
    """What the database calls a constraint that was made without a name."""
    postgres = op.get_bind().dialect.name == "postgresql"
    return f"{table}_{column}_key" if postgres else f"uq_{table}_{column}"

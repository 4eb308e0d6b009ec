"""Approvals that are drawn by lot and checked again."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "recheck",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("office_code", sa.String(length=6), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("reason_code", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name="ck_recheck_city_code"
        ),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'", name="ck_recheck_province_code"
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.ForeignKeyConstraint(["checked_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"]),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("decision_id"),
    )
    with op.batch_alter_table("recheck", schema=None) as batch_op:
        for columns in (["application_id"], ["checked_by"], ["decided_by"], ["worker_id"]):
            batch_op.create_index(batch_op.f(f"ix_recheck_{columns[0]}"), columns, unique=False)
        for name in ("province_code", "city_code", "region_code"):
            batch_op.create_index(f"ix_recheck_{name}", [name, "id"], unique=False)
        batch_op.create_index("ix_recheck_office", ["office_code", "id"], unique=False)
        batch_op.create_index(
            "ix_recheck_waiting",
            ["level", "id"],
            unique=False,
            sqlite_where=sa.text("verdict IS NULL"),
            postgresql_where=sa.text("verdict IS NULL"),
        )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("recheck")

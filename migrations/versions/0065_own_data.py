"""Own data: copies that people ask for, and requests to correct what an office holds

Revision ID: 0065
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "data_export",
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        *_record(),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"]),
    )
    op.create_table(
        "correction",
        sa.Column("about", sa.String(length=32), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        *_record(),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'",
            name="ck_correction_province_code",
        ),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name="ck_correction_city_code"
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"]),
        sa.ForeignKeyConstraint(["settled_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
    )
    with op.batch_alter_table("data_export") as batch:
        batch.create_index("ix_data_export_digest", ["digest"])
        batch.create_index("ix_data_export_expires", ["expires_at"])
        batch.create_index("ix_data_export_user_id", ["user_id"])
    with op.batch_alter_table("correction") as batch:
        batch.create_index("ix_correction_state", ["state", "region_code", "id"])
        batch.create_index("ix_correction_worker_id", ["worker_id"])
        for column in ("province_code", "city_code", "region_code"):
            batch.create_index(f"ix_correction_{column}", [column, "id"])


def _record() -> tuple[sa.schema.SchemaItem, ...]:
    """What every row that people keep has."""
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("correction")
    op.drop_table("data_export")

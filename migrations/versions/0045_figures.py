"""Figures that are counted ahead, and who is due."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("days", sa.Float(), nullable=False),
        *_region("tally"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("region_code", "what", "kind", "state", "month", name="uq_tally"),
    )
    op.create_table(
        "due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        *_region("due"),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("worker_id", name="uq_due_worker"),
    )
    for table in ("tally", "due"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in ("province_code", "city_code", "region_code"):
                batch_op.create_index(f"ix_{table}_{name}", [name, "id"], unique=False)
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_worker_id"), ["worker_id"], unique=False)


def _region(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name=f"ck_{table}_city_code"
        ),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'",
            name=f"ck_{table}_province_code",
        ),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("due")
    op.drop_table("tally")

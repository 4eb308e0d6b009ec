"""Personal information: what one says of oneself once, and forms take over

Revision ID: 0064
Revises: 0050
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0050"
branch_labels = None
depends_on = None

TABLES = ("profile", "work_experience", "honor", "personal_file")


def upgrade() -> None:
    """Apply the change."""
    _table(
        "profile",
        sa.Column("basic", sa.JSON(), nullable=False),
        sa.Column("carried", sa.JSON(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.UniqueConstraint("worker_id", name="uq_profile_worker"),
    )
    _table(
        "work_experience",
        sa.Column("started", sa.String(length=7), nullable=False),
        sa.Column("ended", sa.String(length=7), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("unit_name", sa.String(length=100), nullable=True),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("plan", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["organization.id"]),
    )
    _table(
        "honor",
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("awarded_on", sa.String(length=7), nullable=False),
        sa.Column("issuer", sa.String(length=100), nullable=True),
    )
    _table(
        "personal_file",
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("original_name", sa.String(length=200), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.UniqueConstraint("worker_id", "slot", name="uq_personal_file_slot"),
    )
    with op.batch_alter_table("personal_file") as batch:
        batch.create_index("ix_personal_file_digest", ["digest"])


def _table(name: str, *own: sa.schema.SchemaItem) -> None:
    """A table of rows that belong to a worker."""
    op.create_table(
        name,
        *own,
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'", name=f"ck_{name}_province_code"
        ),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name=f"ck_{name}_city_code"
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"]),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table(name) as batch:
        batch.create_index(f"ix_{name}_worker_id", ["worker_id"])
        for column in ("province_code", "city_code", "region_code"):
            batch.create_index(f"ix_{name}_{column}", [column, "id"])


def downgrade() -> None:
    """Take it back."""
    for name in reversed(TABLES):
        op.drop_table(name)

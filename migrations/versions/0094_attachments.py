"""Files attached to notices and documents."""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    for owner in ("notice", "document"):
        _create(f"{owner}_file", owner)


def _create(table: str, owner: str) -> None:
    op.create_table(
        table,
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(f"{owner}_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'", name=f"ck_{table}_province_code"
        ),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name=f"ck_{table}_city_code"
        ),
        sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(f"{owner}_id", "name", name=f"uq_{table}"),
    )
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_digest"), ["digest"])
        batch_op.create_index(batch_op.f(f"ix_{table}_{owner}_id"), [f"{owner}_id"])
        for column in ("province_code", "city_code", "region_code"):
            batch_op.create_index(f"ix_{table}_{column}", [column, "id"])


def downgrade() -> None:
    """Take the change back; the files go with the next round over the store."""
    op.drop_table("document_file")
    op.drop_table("notice_file")

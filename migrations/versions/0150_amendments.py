"""What offices change in the registrations on record, by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0150"
down_revision = "0140"
branch_labels = None
depends_on = None

PROPOSED = sa.text("state = 'proposed'")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "amendment",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name="ck_amendment_city_code"
        ),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'", name="ck_amendment_province_code"
        ),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["proposed_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("amendment", schema=None) as batch:
        for column in ("city_code", "province_code", "region_code"):
            batch.create_index(f"ix_amendment_{column}", [column, "id"])
        for column in ("registration_id", "proposed_by", "decided_by"):
            batch.create_index(f"ix_amendment_{column}", [column])
        batch.create_index(
            "ix_amendment_name_prefix",
            ["name", "id"],
            postgresql_ops={"name": "text_pattern_ops"},
        )
        batch.create_index(
            "uq_amendment_proposed",
            ["registration_id"],
            unique=True,
            sqlite_where=PROPOSED,
            postgresql_where=PROPOSED,
        )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("amendment")

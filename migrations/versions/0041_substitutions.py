"""Who stands in for an absent reviewer, and on whose behalf a case is taken and decided."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0045"
branch_labels = None
depends_on = None

ON_BEHALF = {"claim": False, "decision": True, "event": False}
"""The tables that say on whose behalf, and whether that is asked for by itself."""


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "substitution",
        sa.Column("absent_id", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.CheckConstraint("from_on <= until_on", name="ck_substitution_order"),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name="ck_substitution_city_code"
        ),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'",
            name="ck_substitution_province_code",
        ),
        sa.ForeignKeyConstraint(["absent_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["substitute_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("substitution", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_substitution_absent_id"), ["absent_id"])
        batch_op.create_index(batch_op.f("ix_substitution_substitute_id"), ["substitute_id"])
        batch_op.create_index("ix_substitution_in_force", ["substitute_id", "until_on"])
        for column in ("province_code", "city_code", "region_code"):
            batch_op.create_index(f"ix_substitution_{column}", [column, "id"])
    for table, indexed in ON_BEHALF.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("on_behalf_id", sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                f"fk_{table}_on_behalf", "ab_user", ["on_behalf_id"], ["id"]
            )
            if indexed:
                batch_op.create_index(batch_op.f(f"ix_{table}_on_behalf_id"), ["on_behalf_id"])
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("on_behalf_name", sa.String(length=128), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_column("on_behalf_name")
    for table, indexed in ON_BEHALF.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            if indexed:
                batch_op.drop_index(batch_op.f(f"ix_{table}_on_behalf_id"))
            batch_op.drop_constraint(f"fk_{table}_on_behalf", type_="foreignkey")
            batch_op.drop_column("on_behalf_id")
    op.drop_table("substitution")

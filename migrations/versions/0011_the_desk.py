"""What the review desk looks at: by when a case is due, what an office returned, who is at it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

RETURNED = sa.text("state = 'returned'")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "claim",
        sa.Column("application_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=128), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"]),
        sa.PrimaryKeyConstraint("application_id"),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_account_id"), ["account_id"], unique=False)
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("due_provisional", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        for level in ("province", "city", "region"):
            batch_op.create_index(
                f"ix_application_returned_{level}",
                [f"{level}_code", "submitted_at", "id"],
                unique=False,
                sqlite_where=RETURNED,
                postgresql_where=RETURNED,
            )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_by", ["decided_by", "decided_at"], unique=False)
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index("ix_registration_legacy_number", ["legacy_number"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index("ix_registration_legacy_number")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_by")
    with op.batch_alter_table("application", schema=None) as batch_op:
        for level in ("region", "city", "province"):
            batch_op.drop_index(f"ix_application_returned_{level}")
        batch_op.drop_column("due_provisional")
        batch_op.drop_column("due_on")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_account_id"))
    op.drop_table("claim")

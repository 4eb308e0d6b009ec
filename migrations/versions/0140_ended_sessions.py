"""The sessions that somebody has signed out of."""

import sqlalchemy as sa
from alembic import op

revision = "0140"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "ended_session",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.batch_alter_table("ended_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ended_session_ended_at"), ["ended_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("ended_session")

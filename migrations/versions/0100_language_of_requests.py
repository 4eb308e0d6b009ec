"""The language in which somebody without an account has asked, and is answered."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0096"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("roster_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=12), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("roster_request", schema=None) as batch_op:
        batch_op.drop_column("language")

"""People are found by their mailbox, however it is written."""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_worker_mailbox", "worker", [sa.text("lower(email)")])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_worker_mailbox", "worker")

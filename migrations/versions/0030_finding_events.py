"""The indexes by which an auditor finds events: by act, and by instant

Revision ID: 0030
Revises: 0031
"""

from alembic import op

revision = "0030"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_event_verb", "event", ["verb", "id"])
    op.create_index("ix_event_created_at", "event", ["created_at", "id"])
    op.drop_index("ix_event_at", "event")


def downgrade() -> None:
    """Take it back."""
    op.create_index("ix_event_at", "event", ["created_at", "id"])
    op.drop_index("ix_event_created_at", "event")
    op.drop_index("ix_event_verb", "event")

"""Which text a consent rests on: the file that holds it as it was read."""

import sqlalchemy as sa
from alembic import op

revision = "0141"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text_digest", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_consent_text_digest"), ["text_digest"])


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_text_digest"))
        batch_op.drop_column("text_digest")

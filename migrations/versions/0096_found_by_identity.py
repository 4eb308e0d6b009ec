"""A person is found by the digest of the number alone, of whatever document it is."""

from alembic import op

revision = "0096"
down_revision = "0094"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_worker_id_number_digest", "worker", ["id_number_digest"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_worker_id_number_digest", "worker")

"""Windows have concentrated periods."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("registration_window") as batch:
        batch.add_column(sa.Column("concentrated_from", sa.Date(), nullable=True))
        batch.add_column(sa.Column("concentrated_to", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("registration_window") as batch:
        batch.drop_column("concentrated_to")
        batch.drop_column("concentrated_from")

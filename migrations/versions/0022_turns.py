"""Applications name the turns that they settle."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("application") as batch:
        batch.add_column(sa.Column("turns", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("application") as batch:
        batch.alter_column("turns", server_default=None)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("application") as batch:
        batch.drop_column("turns")

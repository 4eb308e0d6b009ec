"""The module that a published document stands in, and the link to what it tells of."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("module", sa.String(length=32), nullable=False, server_default="policy")
        )
        batch_op.add_column(sa.Column("link", sa.String(length=400), nullable=True))
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.alter_column("module", server_default=None)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("link")
        batch_op.drop_column("module")

"""Messages in both languages, and the language that an account's holder has chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change; what was told before keeps the one language that it was told in."""
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("title_en", sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column("body_en", sa.Text(), nullable=True))
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=12), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.drop_column("language")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("body_en")
        batch_op.drop_column("title_en")

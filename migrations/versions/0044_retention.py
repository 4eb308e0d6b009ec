"""How long the pictures of identity cards are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erase_on", sa.Date(), nullable=True))
        batch_op.create_index(
            "ix_application_erase",
            ["erase_on", "id"],
            unique=False,
            sqlite_where=sa.text("erase_on IS NOT NULL"),
            postgresql_where=sa.text("erase_on IS NOT NULL"),
        )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_photo_digest"), ["photo_digest"], unique=False
        )
    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.drop_column("erased_at")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_photo_digest"))
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.drop_index("ix_application_erase")
        batch_op.drop_column("erase_on")

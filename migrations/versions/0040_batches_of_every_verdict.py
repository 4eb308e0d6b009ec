"""Batches that return or reject: the verdict of each case, its reason and what it opens."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0056"
branch_labels = None
depends_on = None

JOB = sa.table("outbox", sa.column("job", sa.String()))


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("batch_item", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("verdict", sa.String(length=32), server_default="approve", nullable=False)
        )
        batch_op.add_column(sa.Column("reason_code", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("items", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("batch_item", schema=None) as batch_op:
        batch_op.alter_column("verdict", server_default=None)
        batch_op.alter_column("items", server_default=None)
    _rename("approve_in_batch", "decide_in_batch")


def downgrade() -> None:
    """Take it back."""
    _rename("decide_in_batch", "approve_in_batch")
    with op.batch_alter_table("batch_item", schema=None) as batch_op:
        for column in ("items", "reason", "reason_code", "verdict"):
            batch_op.drop_column(column)


def _rename(before: str, after: str) -> None:
    """Batches that were confirmed already go on under the new name of their job."""
    op.execute(sa.update(JOB).where(JOB.c.job == before).values(job=after))

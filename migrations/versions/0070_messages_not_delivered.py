"""Whose a promised message is, so that offices find those that nobody got."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0065"
branch_labels = None
depends_on = None

BACKFILL = {
    "sqlite": "json_extract(payload, '$.worker_id')",
    "postgresql": "(payload ->> 'worker_id')::integer",
}
FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("worker_id", sa.Integer(), nullable=True))
    whose = BACKFILL[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE outbox SET worker_id = {whose} WHERE job IN ('sms', 'email')"  # noqa: S608 - above
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_failed", ["worker_id"], sqlite_where=FAILED, postgresql_where=FAILED
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_failed")
        batch_op.drop_column("worker_id")

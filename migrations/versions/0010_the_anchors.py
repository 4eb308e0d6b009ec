"""The anchors of the audit log, and the order in which it is verified

Revision ID: 0010
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0003"
branch_labels = None
depends_on = None

CHAINED = ("event", "event_chain")


def upgrade() -> None:
    op.create_table(
        "event_anchor",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("day"),
    )
    op.create_index(
        "ix_event_actor_name_prefix",
        "event",
        ["actor_name", "id"],
        postgresql_ops={"actor_name": "text_pattern_ops"},
    )
    _collate("C")


def downgrade() -> None:
    _collate("default")
    op.drop_index("ix_event_actor_name_prefix", "event")
    op.drop_table("event_anchor")


def _collate(name: str) -> None:
    """SQLite orders by bytes anyway."""
    if op.get_bind().dialect.name == "postgresql":
        for table in CHAINED:
            op.execute(f'ALTER TABLE {table} ALTER subject TYPE VARCHAR(64) COLLATE "{name}"')

"""The evidence of a request to the roster: rows that keep their files, instead of a list."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "roster_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["roster_request.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("roster_picture", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_picture_request_id"), ["request_id"])
        batch_op.create_index(batch_op.f("ix_roster_picture_digest"), ["digest"])
    found = op.get_bind().execute(sa.text("SELECT id, evidence FROM roster_request")).all()
    pictures = [
        {"request_id": key, "digest": one["digest"]}
        for key, kept in found
        for one in (json.loads(kept) if isinstance(kept, str) else kept)
    ]
    table = sa.table("roster_picture", sa.column("request_id"), sa.column("digest"))
    if pictures:
        op.bulk_insert(table, pictures)
    with op.batch_alter_table("roster_request", schema=None) as batch_op:
        batch_op.drop_column("evidence")


def downgrade() -> None:
    """Take the change back; the sizes of the pictures are not known any more."""
    with op.batch_alter_table("roster_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("evidence", sa.JSON(), nullable=False, server_default="[]"))
    op.drop_table("roster_picture")

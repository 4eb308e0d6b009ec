"""The queues' indexes hold what is counted and asked of a case, so that its row is not read for it.

A page counts a thousand cases; it read as many rows of a large table for that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0150"
branch_labels = None
depends_on = None

QUEUES = {"queue": "state = 'in_review'", "returned": "state = 'returned'"}
COLUMNS = ["office_code", "submitted_at", "id"]
COUNTED = ("kind", "due_on", "stage", "attempt", "worker_id", "office_role")
PLACED = ("region_code", "city_code", "province_code")


def upgrade() -> None:
    """Apply the change."""
    _anew(*COUNTED, *PLACED)


def downgrade() -> None:
    """Take the change back."""
    _anew()


def _anew(*include: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return  # SQLite's indexes include nothing
    for name, where in QUEUES.items():
        op.drop_index(f"ix_application_{name}", table_name="application")
        op.create_index(
            f"ix_application_{name}",
            "application",
            COLUMNS,
            postgresql_where=sa.text(where),
            postgresql_include=include,
        )

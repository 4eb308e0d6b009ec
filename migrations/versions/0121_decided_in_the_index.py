"""Whether somebody has decided a case before is read from the index alone.

A queue asks it of every case that is past its first stage, a thousand of them for its figures.
"""

from collections.abc import Sequence

from alembic import op

revision = "0121"
down_revision = "0141"
branch_labels = None
depends_on = None

NAME = "ix_decision_of"
COLUMNS = ["application_id", "decided_by"]
PLACED = ("region_code", "city_code", "province_code")


def upgrade() -> None:
    """Apply the change."""
    _anew([*COLUMNS, "on_behalf_id", "stage"], PLACED)


def downgrade() -> None:
    """Take the change back."""
    _anew(COLUMNS, ())


def _anew(columns: list[str], include: Sequence[str]) -> None:
    op.drop_index(NAME, table_name="decision")
    op.create_index(NAME, "decision", columns, postgresql_include=include)

"""Who of the roster stands behind the account of an office: nobody decides their own case."""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key("fk_ab_user_person_id_worker", "worker", ["person_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_ab_user_person_id"), ["person_id"])


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ab_user_person_id"))
        batch_op.drop_constraint("fk_ab_user_person_id_worker", type_="foreignkey")
        batch_op.drop_column("person_id")

"""Hours that a reviewer recorded beside a proof."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ACCEPTED_PROOF = sa.text("state = 'accepted' AND proof_digest IS NOT NULL")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("credit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("application_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("material_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("proof_digest", sa.String(length=64), nullable=True))
        batch_op.create_foreign_key(
            "fk_credit_application", "application", ["application_id"], ["id"]
        )
        batch_op.create_foreign_key("fk_credit_material", "material", ["material_id"], ["id"])
        batch_op.create_index(
            batch_op.f("ix_credit_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(
            "uq_credit_proof",
            ["worker_id", "proof_digest", "taken_on", "title"],
            unique=True,
            sqlite_where=ACCEPTED_PROOF,
            postgresql_where=ACCEPTED_PROOF,
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("credit", schema=None) as batch_op:
        batch_op.drop_index("uq_credit_proof")
        batch_op.drop_index(batch_op.f("ix_credit_application_id"))
        batch_op.drop_constraint("fk_credit_material", type_="foreignkey")
        batch_op.drop_constraint("fk_credit_application", type_="foreignkey")
        batch_op.drop_column("proof_digest")
        batch_op.drop_column("material_id")
        batch_op.drop_column("application_id")

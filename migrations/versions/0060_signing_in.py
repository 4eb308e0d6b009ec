"""One-time codes, links to identities elsewhere, proved telephones, requests to the roster, and
consents that belong to no application."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0044"
branch_labels = None
depends_on = None

PROVED = sa.text("phone_proved_at IS NOT NULL")


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("target_digest", sa.String(length=64), nullable=False),
        sa.Column("target_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_code_asked_at"), ["asked_at"], unique=False)
        batch_op.create_index("ix_one_time_code_target", ["target_digest", "purpose", "id"])
    op.create_table(
        "identity_link",
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider", "subject", name="uq_identity_subject"),
        sa.UniqueConstraint("provider", "user_id", name="uq_identity_account"),
    )
    with op.batch_alter_table("identity_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_link_user_id"), ["user_id"], unique=False)
    _create_requests()
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone_proved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "uq_account_phone",
            ["phone"],
            unique=True,
            sqlite_where=PROVED,
            postgresql_where=PROVED,
        )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.alter_column("application_id", existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column("turn", existing_type=sa.Integer(), nullable=True)


def _create_requests() -> None:
    op.create_table(
        "roster_request",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("id_type", sa.String(length=32), nullable=False),
        sa.Column("id_number_masked", sa.String(length=32), nullable=False),
        sa.Column("id_number_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_digest", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("exam_year", sa.Integer(), nullable=False),
        sa.Column("management_number", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("agreed_text", sa.Text(), nullable=False),
        sa.Column("agreed_from", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("province_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=6), nullable=False),
        sa.CheckConstraint(
            "province_code = substr(region_code, 1, 2) || '0000'",
            name="ck_roster_request_province_code",
        ),
        sa.CheckConstraint(
            "city_code = substr(region_code, 1, 4) || '00'", name="ck_roster_request_city_code"
        ),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"]),
        sa.ForeignKeyConstraint(["settled_by"], ["ab_user.id"]),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("roster_request", schema=None) as batch_op:
        for name in ("id_number_digest", "settled_by", "worker_id"):
            batch_op.create_index(batch_op.f(f"ix_roster_request_{name}"), [name], unique=False)
        for name in ("province_code", "city_code", "region_code"):
            batch_op.create_index(f"ix_roster_request_{name}", [name, "id"], unique=False)
        batch_op.create_index("ix_roster_request_exam_year", ["exam_year", "id"], unique=False)
        batch_op.create_index(
            "ix_roster_request_name_prefix",
            ["name", "id"],
            unique=False,
            postgresql_ops={"name": "text_pattern_ops"},
        )


def downgrade() -> None:
    """Take it back."""
    op.execute("DELETE FROM consent WHERE application_id IS NULL")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.alter_column("application_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("turn", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("ab_user", schema=None) as batch_op:
        batch_op.drop_index("uq_account_phone")
        batch_op.drop_column("phone_proved_at")
    for name in ("roster_request", "identity_link", "one_time_code"):
        op.drop_table(name)

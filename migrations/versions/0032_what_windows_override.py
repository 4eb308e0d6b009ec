"""What a window overrides is a column each

Revision ID: 0032
Revises: 0030
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = "registration_window"
LISTS = ("delivery", "levels", "waive")
OVERRIDES = sa.table(
    TABLE,
    sa.column("id", sa.Integer()),
    sa.column("overrides", sa.JSON()),
    sa.column("exam_year", sa.Integer()),
    *(sa.column(name, sa.String()) for name in LISTS),
)


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as batch:
        for name in LISTS:
            batch.add_column(sa.Column(name, sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("exam_year", sa.Integer(), nullable=True))
    rows = op.get_bind().execute(sa.select(OVERRIDES.c.id, OVERRIDES.c.overrides)).all()
    for key, said in rows:
        values = {name: ", ".join(said[name]) for name in LISTS if said.get(name)}
        if said.get("exam_year"):
            values["exam_year"] = said["exam_year"]
        if values:
            op.execute(OVERRIDES.update().where(OVERRIDES.c.id == key).values(**values))
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_column("overrides")


def downgrade() -> None:
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(
            sa.Column("overrides", sa.JSON(), nullable=False, server_default=json.dumps({}))
        )
    rows = op.get_bind().execute(sa.select(OVERRIDES)).mappings().all()
    for row in rows:
        said = {name: row[name].split(", ") for name in LISTS if row[name]}
        if row["exam_year"]:
            said["exam_year"] = row["exam_year"]
        change = OVERRIDES.update().where(OVERRIDES.c.id == row["id"])
        op.execute(change.values(overrides=said))
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("overrides", server_default=None)
        for name in ("exam_year", *LISTS):
            batch.drop_column(name)

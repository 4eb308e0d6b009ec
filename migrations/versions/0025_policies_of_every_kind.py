"""Editions published before policies spoke of every kind are written in today's keys.

Cases keep following the edition that they were submitted under, so that it has to stay readable.
"""

from typing import Any

import sqlalchemy as sa
import yaml
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

POLICY = sa.table("policy", sa.column("id", sa.Integer), sa.column("source", sa.Text))


def upgrade() -> None:
    """Apply the change."""
    connection = op.get_bind()
    for key, source in connection.execute(sa.select(POLICY.c.id, POLICY.c.source)).all():
        connection.execute(
            sa.update(POLICY).where(POLICY.c.id == key).values(source=rewritten(source))
        )


def downgrade() -> None:
    """Nothing to take back: what was said is the same."""


def rewritten(source: str) -> str:
    """A row's YAML documents in today's keys; the dictionary of inputs, the second, stays."""
    policy, fields, *base = yaml.safe_load_all(source)
    if "due" in policy:
        return source
    documents = [_policy(policy), fields, *map(_policy, base)]
    return str(yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False))


def _policy(data: dict[str, Any]) -> dict[str, Any]:
    kinds = {
        code: _kind(kind) for code, kind in data["kinds"].items() if kind["opens"] != "by_notice"
    }
    for kind in kinds.values():
        for params in kind["requires"].values():
            if params.get("earlier") not in kinds:
                params.pop("earlier", None)
    fixed = any(kind["validity"]["rule"] == "fixed_month_day" for kind in kinds.values())
    return {**data, "due": "calendar_year" if fixed else "validity", "kinds": kinds}


def _kind(data: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if key != "declaration"}
    return {**kept, "consents": {"declaration": data["declaration"]}}

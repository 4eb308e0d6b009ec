"""Whose turn a case is stands in its row, so that an office finds its queue by one index.

It was worked out in every query, from the policy of each case; the cases that an office has now, or
has returned, get theirs here, all in one statement.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
import yaml
from alembic import op

revision = "0046"
down_revision = "0053"
branch_labels = None
depends_on = None

QUEUES = {"queue": "state = 'in_review'", "returned": "state = 'returned'"}
LEVELS = ("province", "city", "county")
SAME = ("policy_code", "policy_version", "kind", "stage", "region_code")
"""What an office follows from."""

APPLICATION = sa.table(
    "application",
    *map(sa.column, (*SAME, "state", "office_code", "office_role")),
)
TURN = sa.table(
    "turn_of_0046",
    *(sa.column(name, sa.Integer) for name in ("policy_version", "stage")),
    *(sa.column(name, sa.String) for name in ("policy_code", "kind", "region_code")),
    *(sa.column(name, sa.String) for name in ("office_code", "office_role")),
)


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("application", schema=None) as batch_op:
        for level in LEVELS:
            for name in QUEUES:
                batch_op.drop_index(f"ix_application_{name}_{_column(level)}")
        batch_op.add_column(sa.Column("office_code", sa.String(length=6), nullable=True))
        batch_op.add_column(sa.Column("office_role", sa.String(length=32), nullable=True))
    _fill(op.get_bind())
    with op.batch_alter_table("application", schema=None) as batch_op:
        for name, where in QUEUES.items():
            columns = ["office_code", "submitted_at", "id"]
            _partial(batch_op, f"ix_application_{name}", columns, where)
    if op.get_bind().dialect.name == "postgresql":
        # an office, its role and its province go together: taken for independent, the planner
        # would expect a handful where twenty thousand wait, and sort them all for one page
        op.execute(
            "CREATE STATISTICS application_turns (mcv)"
            " ON office_code, office_role, state, province_code FROM application"
        )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_of", ["application_id", "decided_by"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_of")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP STATISTICS application_turns")
    with op.batch_alter_table("application", schema=None) as batch_op:
        for name in QUEUES:
            batch_op.drop_index(f"ix_application_{name}")
        batch_op.drop_column("office_role")
        batch_op.drop_column("office_code")
        for level in LEVELS:
            for name, where in QUEUES.items():
                columns = [f"{_column(level)}_code", "submitted_at", "id"]
                _partial(batch_op, f"ix_application_{name}_{_column(level)}", columns, where)


def _column(level: str) -> str:
    return "region" if level == "county" else level


def _partial(batch_op: Any, name: str, columns: list[str], where: str) -> None:
    rows = sa.text(where)
    batch_op.create_index(name, columns, unique=False, sqlite_where=rows, postgresql_where=rows)


def _fill(connection: sa.Connection) -> None:
    """Give every case that an office has, or has returned, its office."""
    had = APPLICATION.c.state.in_(("in_review", "returned"))
    same = [APPLICATION.c[name] for name in SAME]
    found = connection.execute(sa.select(*same).where(had).distinct()).mappings().all()
    if not found:
        return
    op.create_table(TURN.name, *(sa.Column(c.name, c.type) for c in TURN.c), prefixes=["TEMPORARY"])
    sources = connection.exec_driver_sql("SELECT code, edition, source FROM policy").all()
    chains = {(code, edition): dict(_chains(source)) for code, edition, source in sources}
    regions = set(connection.exec_driver_sql("SELECT code FROM region").scalars())
    connection.execute(sa.insert(TURN), [{**row, **_office(row, chains, regions)} for row in found])
    connection.execute(
        sa.update(APPLICATION)
        .where(had, *(APPLICATION.c[name] == TURN.c[name] for name in SAME))
        .values(office_code=TURN.c.office_code, office_role=TURN.c.office_role)
    )
    op.drop_table(TURN.name)


def _chains(source: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The stages of each kind of an edition, over the policy that it extends."""
    data, _fields, *base = yaml.safe_load_all(source)
    merged = _merged(base[0], data) if base else data
    for code, kind in merged["kinds"].items():
        yield code, kind["review"]


def _merged(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(base[key], data[key])
        for key in base.keys() & data.keys()
        if isinstance(base[key], Mapping) and isinstance(data[key], Mapping)
    }
    every = {**base, **data, **both}
    return {key: value for key, value in every.items() if value is not None or key not in base}


def _office(row: Any, chains: Mapping[Any, Any], regions: Collection[str]) -> dict[str, str]:
    """The office of a case and the role that decides there, as the portal says it."""
    stage = chains[row["policy_code"], row["policy_version"]][row["kind"]][row["stage"] - 1]
    code = row["region_code"]
    path = list(dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000", "000000")))
    named = {str(key): str(office) for key, office in (stage.get("offices") or {}).items()}
    below = LEVELS[: LEVELS.index(stage["level"]) + 1]
    fitting = [one for one in path if one in regions and _level(one) in ("nation", *below)]
    office = next(iter([*(named[one] for one in path if one in named), *fitting, "000000"]))
    return {
        "office_code": office,
        "office_role": stage.get("role") or f"{_level(office)}_reviewer",
    }


def _level(code: str) -> str:
    if code == "000000":
        return "nation"
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"

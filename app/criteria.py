"""Conditions on models that hold wherever a statement names them, as one option of SQLAlchemy's."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.visitors import anon_map


class Criterion(LoaderCriteriaOption):
    """SQLAlchemy's option (`with_loader_criteria`), which holds in joins to an alias as well.

    There SQLAlchemy puts the condition on the table and leaves the alias open. Lambdas would be
    told the alias, but would need one for each of the shapes that a condition can have.
    """

    _cache_key_traversal = LoaderCriteriaOption._traverse_internals

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        condition = super()._resolve_where_criteria(ext_info)
        adapter = ext_info._adapter if ext_info.is_aliased_class else None
        return adapter.traverse(condition) if adapter else condition


class Criteria(CriteriaOption):
    """The conditions of one actor on all models, as one option of which the key is made once.

    They share nothing with the statement that they restrict, so that its key can't change theirs;
    one by one they would cost each statement more than it takes to execute.
    """

    propagate_to_loaders = True

    def __init__(self, criteria: Iterable[Criterion]) -> None:
        self.criteria = tuple(criteria)
        self.values: list[Any] = []
        seen = anon_map()
        self.key = Criteria, *(one._gen_cache_key(seen, self.values) for one in self.criteria)

    def _gen_cache_key(self, _seen: Any, bindparams: list[Any]) -> Any:
        bindparams.extend(self.values)
        return self.key

    def process_compile_state(self, compile_state: Any) -> None:
        """Put the conditions on every model that a statement names."""
        self.get_global_criteria(compile_state.global_attributes)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        """The same for a statement that another one brings along."""
        for one in self.criteria:
            one.get_global_criteria(attributes)

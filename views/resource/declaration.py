"""What a resource says beyond its columns: its name, its columns in lists, its writes and its
verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.queries.listing import Order, operators
from app.rules.fields import FieldSpec
from app.scope import current_actor
from app.services import records
from models.columns import Semantics, semantics_of


@dataclass(frozen=True)
class Action:
    """A verb on one row or on many: a button on the row's page and in the bar below the list."""

    name: str
    label: Any
    verb: Callable[[int], Any]
    permission: str
    confirm: Any = None
    tone: str = "plain"
    when: Callable[[Any], bool] = field(default=lambda row: True)


def by_another(row: Any) -> bool:
    """Whether somebody else proposed the row: nobody is offered to confirm what is their own."""
    actor = current_actor()
    return actor is not None and row.proposed_by != actor.account_id


@dataclass(frozen=True)
class Resource:
    """One model on every exit.

    `columns` are those of the list (the first six when none are named); `writes` any of
    "add edit remove import"; `links` and `list_links` give further buttons of a
    row and of the list as (label, URL). Without `with_parent` its rows are not shown on the page
    of the row that they lie with.
    """

    name: str
    model: Any
    label: Any
    singular: Any
    columns: tuple[str, ...] = ()
    writes: str = ""
    order: Order = field(default_factory=Order)
    actions: tuple[Action, ...] = ()
    links: Callable[[Any], list[tuple[Any, str]]] | None = None
    list_links: Callable[[], list[tuple[Any, str]]] | None = None
    screens: bool = True
    with_parent: bool = True

    @cached_property
    def meanings(self) -> Mapping[str, Semantics]:
        """Every semantic column by name."""
        return semantics_of(self.model)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The columns of the row's page, the API and the export."""
        return tuple(key for key, meaning in self.meanings.items() if meaning.shown)

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """The columns of the list."""
        return self.columns or tuple(k for k in self.shown if k != "created_at")[:6]

    @cached_property
    def filtered(self) -> tuple[FieldSpec, ...]:
        """The fields of the filter panel; masked columns are never among them."""
        return tuple(
            meaning.field
            for meaning in self.meanings.values()
            if operators(meaning) and meaning.find != "prefix" and not meaning.mask
        )

    @cached_property
    def searched(self) -> str | None:
        """The column of the search box: the first one that is found by its beginning."""
        return next((k for k, m in self.meanings.items() if m.find == "prefix"), None)

    @cached_property
    def fields(self) -> list[FieldSpec]:
        """The fields of the form."""
        return records.writable(self.model)

    @cached_property
    def masked(self) -> frozenset[str]:
        """The columns that need the reveal permission to be seen in a form."""
        return frozenset(key for key, meaning in self.meanings.items() if meaning.mask)

    @property
    def has_identity(self) -> bool:
        """Whether rows carry an identity number that can be revealed with a reason."""
        return "id_number_cipher" in self.model.__mapper__.columns

    def declares(self, what: str) -> bool:
        """Whether the resource declares this write."""
        return what in self.writes.split()

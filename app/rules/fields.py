"""What is known about one input or picture: said once, for forms, checks, columns and print."""

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.rules.words import Words

OF_TURN = Words("{label}（{turn}年登记）", "{label} (registration of {turn})")
OF_PAGE = Words("{label}（第{page}页）", "{label} (page {page})")

FieldKind = Literal[
    "text",
    "textarea",
    "integer",
    "decimal",
    "date",
    "choice",
    "choices",
    "boolean",
    "phone",
    "email",
    "id_number",
    "credit_code",
    "region",
    "year",
    "month",
    "lookup",  # a row of another table, found remotely
    "moment",  # an instant: shown, never typed
    "json",  # structured data with screens of its own
]


@dataclass(frozen=True)
class Choice:
    """One entry of a dictionary: the code that is stored and the label that is shown."""

    code: str
    label: Words | Any


@dataclass(frozen=True)
class Condition:
    """`{field: unit_type, in: [village]}`: data, so that Python and the browser agree (X-40)."""

    field: str
    any_of: tuple[str, ...] = dataclasses.field(metadata={"key": "in"})

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the field's value, or any of its values when it is a list, is named here."""
        value = values.get(self.field)
        given: Collection[Any] = value if isinstance(value, (list, tuple, set)) else (value,)
        return any(one in self.any_of for one in given)


class Askable:
    """Something that is asked for, always or while a condition holds."""

    name: str
    required: bool
    required_when: Condition | None

    def asked(self, values: Mapping[str, Any]) -> bool:
        """Whether it is shown for these values (X-20: what is hidden is not required either)."""
        return self.required_when is None or self.required_when.holds(values)

    def needed(self, values: Mapping[str, Any]) -> bool:
        """Whether leaving it empty is an error for these values."""
        return self.required and self.asked(values)


@dataclass(frozen=True)
class FieldSpec(Askable):
    """One input.

    `min` and `max` bound the length of a text, the value of a number and the count of choices.
    A locked field is shown, prefilled from `source` (such as `worker.name`), and never accepted
    from a request. With `required_when` the field is asked for only while the condition holds.
    """

    name: str = dataclasses.field(metadata={"from_key": True})
    kind: FieldKind
    label: Words | Any
    required: bool = True
    locked: bool = False
    choices: tuple[Choice, ...] = ()
    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    help: Words | Any = None
    section: str | None = None
    source: str | None = None
    required_when: Condition | None = None
    autocomplete: str | None = None
    lookup: str | None = None

    def choice(self, code: str) -> Choice | None:
        """The choice with this code, if the field offers it."""
        return next((one for one in self.choices if one.code == code), None)


@dataclass(frozen=True)
class Section:
    """A group of inputs on the form."""

    name: str
    label: Words
    fields: tuple[FieldSpec, ...]


@dataclass(frozen=True)
class Portrait:
    """The size of a portrait in pixels; `accept_swapped` lets height by width pass with a warning
    (X-05), `tolerance` is the share by which the ratio may differ. `or_` are other sizes that will
    do (MC-09)."""

    width: int
    height: int
    tolerance: float = 0.02
    accept_swapped: bool = True
    or_: tuple["Portrait", ...] = dataclasses.field(default=(), metadata={"key": "or"})


@dataclass(frozen=True)
class Slot(Askable):
    """A picture to upload; `max_bytes` is the last size accepted (X-06), None for no limit but the
    technical one. What shows an `identity` card is watermarked for everybody but its owner.

    A proof of `hours` is asked for each turn that the application settles (BJ-44), and not needed
    where the recorded hours are enough (BJ-31); the rule on hours settles that. A slot takes up to
    `pages` pictures, the first of which is the required one, and with `pdf` a document as well
    (CD-50).
    """

    name: str
    label: Words
    hint: Words
    max_bytes: int | None = None
    portrait: Portrait | None = None
    required: bool = True
    required_when: Condition | None = None
    identity: bool = False
    hours: bool = False
    pages: int = 1
    pdf: bool = False


@dataclass(frozen=True)
class AskedSlot(Slot):
    """A slot as one case asks for it: one picture, and of one turn where it proves hours.

    `origin` is the policy's name for it, `page` counts the pictures of one turn from 1.
    """

    origin: str = ""
    turn: int | None = None
    page: int = 1


def asked_slots(slot: Slot, turns: Sequence[int]) -> Iterator[AskedSlot]:
    """One slot for each turn and page (BJ-44): `proof_2017`, `proof_2017_2`, `proof_2020`, or
    `proof`, `proof_2` where no turn is settled. Only the first page may be required."""
    if isinstance(slot, AskedSlot):
        yield slot
        return
    for turn in turns if slot.hours and turns else (None,):
        name = slot.name if turn is None else f"{slot.name}_{turn}"
        label = slot.label if turn is None else OF_TURN.fill(label=slot.label, turn=turn)
        for page in range(1, slot.pages + 1):
            first = page == 1
            own = {
                "name": name if first else f"{name}_{page}",
                "label": label if first else OF_PAGE.fill(label=label, page=page),
                "required": slot.required and first,
            }
            yield AskedSlot(**{**vars(slot), **own}, origin=slot.name, turn=turn, page=page)


def slot_label(name: str, labels: Mapping[str, Words]) -> Words | None:
    """What a single slot is called, from what policies call theirs: the other way round of
    `asked_slots`. None for a slot that no policy has."""
    found = re.fullmatch(r"(.+?)(?:_((?:19|20)[0-9]{2}))?(?:_([0-9]{1,2}))?", name)
    if name in labels or found is None:
        return labels.get(name)
    origin, turn, page = found.groups()
    label = labels.get(origin)
    if label and turn:
        label = OF_TURN.fill(label=label, turn=turn)
    return OF_PAGE.fill(label=label, page=page) if label and page else label


def answered(specs: Iterable[Askable], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those of questions that are not asked, so that no other question hangs
    on them (X-20): conditions look back, which settles whole chains of them in the order of the
    form."""
    found = dict(values)
    for spec in specs:
        if not spec.asked(found):
            found.pop(spec.name, None)
    return found

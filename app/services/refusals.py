"""Why a verb did not happen: each refusal has a sentence for people and a status for programs."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.rules.words import Words

Sentence = Words | Any  # Words, or a lazily translated string

LOOK_AGAIN = _l("Some entries need another look.")
"""The sentence of Invalid above entries that each say what is wrong."""

NO_RECORD = _l("There is no such record in your region.")


class Refusal(Exception):
    """A verb that was refused; nothing of it was kept. `code` is for machines, `sentence` for
    people; `errors` says the same at the fields of a form, under "" what belongs to none."""

    status = 400

    def __init__(self, code: str, sentence: Sentence) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.errors: dict[str, Sentence] = {"": sentence}


class Invalid(Refusal):
    """Something typed does not hold."""

    status = 422

    def __init__(self, sentence: Sentence, errors: Mapping[str, Sentence]) -> None:
        super().__init__("invalid", sentence)
        self.errors = dict(errors)

    @classmethod
    def at(cls, field: str, sentence: Sentence) -> "Invalid":
        """One field does not hold, and its sentence says all."""
        return cls(sentence, {field: sentence})

    @classmethod
    def of(cls, errors: Mapping[str, Sentence]) -> "Invalid":
        """Some fields do not hold; the first one is told above them."""
        return cls(next(iter(errors.values())), errors)


class Forbidden(Refusal):
    """The person may not do this, or not to this row."""

    status = 403


class Missing(Refusal):
    """There is no such row for this person."""

    status = 404


class Conflict(Refusal):
    """Somebody was faster: the row is no longer what was read."""

    status = 409


class TooMany(Refusal):
    """This was asked too often; `sentence` says when it may be asked again."""

    status = 429

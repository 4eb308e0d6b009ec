"""Texts in two languages: blanks, dates and lists come out in the language of the text."""

from datetime import date

import pytest

from app.rules.words import Words, joined, words

WINDOW = Words("{kind}：{first}至{last}", "{kind}: {first} to {last}")


def test_blanks_are_filled_in_the_language_of_the_text() -> None:
    kind = words({"zh": "首登记", "en": "First registration"})
    filled = WINDOW.fill(kind=kind, first=date(2020, 7, 1), last=date(2020, 7, 31))
    assert filled.zh == "首登记：2020年7月1日至2020年7月31日"
    assert filled.en == "First registration: 1 July 2020 to 31 July 2020"


@pytest.mark.parametrize(
    ("locale", "text"), [("zh_Hans_CN", "是"), ("zh", "是"), ("en", "yes"), ("en_GB", "yes")]
)
def test_a_locale_picks_its_text(locale: str, text: str) -> None:
    assert Words("是", "yes").in_(locale) == text


def test_a_list_is_joined_as_each_language_joins_lists() -> None:
    assert joined(Words(zh, en) for zh, en in (("甲", "a"), ("乙", "b"))) == Words("甲、乙", "a, b")


def test_an_edited_text_cannot_walk_into_what_it_is_given() -> None:
    text = Words("{kind.__class__}", "{kind!r:>{width}}")
    assert text.fill(kind="首登记", width=3) == text.fill(kind="x", width=3).__class__(
        "{kind.__class__}", "{kind!r:>3}"
    )


def test_a_blank_without_a_value_and_a_missing_language_are_errors() -> None:
    with pytest.raises(KeyError):
        WINDOW.fill(kind="首登记")
    with pytest.raises(KeyError):
        words({"zh": "首登记"})

"""Every text on a screen is complete in Chinese, and what is compiled is what was translated."""

import io
from functools import cache
from pathlib import Path

import flask_appbuilder
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "app" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
FRAMEWORK = Path(flask_appbuilder.__file__).parent


@cache
def translated() -> Catalog:
    """The Chinese catalogue as its translators left it."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


@cache
def texts() -> dict[str, str]:
    """Every text in code and templates, with a place where it stands."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    return _found(ROOT, list(methods), dict(options), skip=(".venv", "var"))


@cache
def texts_of_the_framework() -> set[str]:
    """The texts of Flask-AppBuilder that its own Chinese catalogue lacks."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    with (FRAMEWORK / "translations" / "zh" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        theirs = {str(message.id) for message in read_mo(file) if message.string}
    return set(_found(FRAMEWORK, methods, {}, skip=())) - theirs


def _found(
    folder: Path,
    methods: list[tuple[str, str]],
    options: dict[str, dict[str, str]],
    skip: tuple[str, ...],
) -> dict[str, str]:
    found = extract_from_dir(
        folder,
        methods,
        options,
        KEYWORDS,
        directory_filter=lambda path: Path(path).name not in skip,
    )
    return {
        message if isinstance(message, str) else message[0]: f"{file}:{line}"
        for file, line, message, _comments, _context in found
    }


def test_every_text_is_translated_into_chinese() -> None:
    lacking = {
        f"{place}: {text}"
        for text, place in texts().items()
        if (entry := translated().get(text)) is None or not entry.string or entry.fuzzy
    }
    assert lacking == set(), "run `make translations` and fill in the empty ones"


def test_the_catalogue_holds_no_text_that_is_gone() -> None:
    left = {entry.id for entry in translated() if entry.id} - texts().keys()
    assert left == set(), "run `make translations`"


def test_translations_keep_the_places_for_numbers_and_names() -> None:
    wrong = {entry.id: str(errors[0]) for entry, errors in translated().check() if errors}
    assert wrong == {}


def test_what_is_compiled_is_what_was_translated() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, translated())
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        shipped = {message.id: message.string for message in read_mo(file) if message.id}
    compiled.seek(0)
    due = {message.id: message.string for message in read_mo(compiled) if message.id}
    assert shipped == due, "run `make translations`"


def test_texts_of_the_framework_that_have_no_chinese_get_theirs_here() -> None:
    assert texts_of_the_framework() <= texts().keys()

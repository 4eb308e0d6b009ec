"""A list of certificate numbers checked at once, for employers: on a page and as a file."""

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app import clock
from app.services import number_lists
from app.services.number_lists import FIELD, LARGEST, MOST
from app.services.refusals import Invalid
from app.services.verification import PublicStatus
from views import downloads
from views.allowance import LISTED_GUESSES, LISTS
from views.guard import public
from views.markup import Cell
from views.resource import export
from views.texts import in_words, moment
from views.verification import fresh, spaced

SHOWN = 40  # characters of what was typed, on the page and in the file
Checked = list[tuple[str, PublicStatus]]


class NumberLists(BaseView):
    """批量核验: up to 500 numbers in a file or pasted; nothing of them is kept."""

    route_base = "/verify/list"

    @expose("/")
    @public
    def ask(self) -> Any:
        """The form."""
        return _page()

    @expose("/", methods=["POST"])
    @public
    def check(self) -> Any:
        """The answers as a page, or with `as=csv` as a file."""
        LISTS.take()
        LISTED_GUESSES.check()
        try:
            text = _given()
            checked = number_lists.check(text)
        except Invalid as refusal:
            return _page(422, error=refusal.sentence, typed=request.form.get(FIELD, ""))
        LISTED_GUESSES.spend(sum(status.could_be_a_guess for _typed, status in checked))
        return _file(checked) if request.form.get("as") == "csv" else _answers(checked)


def _given() -> str:
    """The list: an uploaded file goes before what was pasted."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return number_lists.decoded(upload.stream.read(LARGEST + 1))
    return number_lists.decoded(request.form.get(FIELD, "").encode())


def _answers(checked: Checked) -> Response:
    counts: dict[str, int] = {}
    for _typed, status in checked:
        counts[status.verdict.tone] = counts.get(status.verdict.tone, 0) + 1
    good = counts.get("good", 0)
    return _page(
        rows=[_line(typed, status) for typed, status in checked],
        good=good,
        other=len(checked) - good,
        as_of=moment(checked[0][1].as_of),
        again="\n".join(typed for typed, _status in checked),
    )


def _line(typed: str, status: PublicStatus) -> dict[str, Any]:
    printed = status.printed
    url = url_for("Verification.answer", number=status.number) if status.typed_right else None
    return {
        "number": Cell(_shown(typed, status), url=url),
        "answer": Cell(in_words(status.verdict.title), tone=status.verdict.tone),
        "holder": printed.name if printed else None,
        "level": printed.level if printed else None,
        "until": status.valid_until,
        "later": _later(status),
    }


def _file(checked: Checked) -> Response:
    head = (
        _("Certificate number"),
        _("Result"),
        _("In force now"),
        _("Holder"),
        _("Level"),
        _("Valid until"),
        _("Authority"),
        _("New number"),
        _("Checked at"),
        _("What to do"),
    )
    table = [list(head)] + [[export.plain(cell) for cell in _cells(*one)] for one in checked]
    content = ("\ufeff" + export.written(table)).encode()
    name = f"{_('Checked certificates')}-{clock.today().isoformat()}.csv"
    return downloads.file(content, "text/csv; charset=utf-8", name, attached=True)


def _cells(typed: str, status: PublicStatus) -> list[Any]:
    printed = status.printed
    return [
        _shown(typed, status),
        status.verdict.title,
        status.in_force,
        printed.name if printed else None,
        printed.level if printed else None,
        status.valid_until,
        printed.authority if printed else None,
        _later(status),
        moment(status.as_of),
        status.verdict.advice,
    ]


def _shown(typed: str, status: PublicStatus) -> str:
    # grouped, because a spreadsheet rounds a number of 15 digits and drops leading zeros
    return spaced(status.number) if status.typed_right else typed[:SHOWN]


def _later(status: PublicStatus) -> str | None:
    return spaced(status.successor.number) if status.successor else None


def _page(code: int = 200, **answer: Any) -> Response:
    text = render_template(
        "certificates/list.html",
        list_url=url_for("NumberLists.check"),
        verify_url=url_for("Verification.ask"),
        most=MOST,
        field=FIELD,
        **answer,
    )
    return fresh(make_response(text, code))

"""What offices publish, as everybody reads it: notices, policy documents, whom to ask."""

import re
from collections.abc import Sequence
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.queries import attachments, own, published
from app.queries.facts import assessment
from app.queries.standing_texts import standing_text
from app.rules.words import Words
from app.scope import current_actor
from models.codes import DOCUMENT_MODULES
from models.publication import Contact, Document, Notice
from views import downloads, entries
from views.guard import public
from views.resource.reading import integer

MODULES = {
    "policy": (DOCUMENT_MODULES["policy"], "Documents.all"),
    "education": (DOCUMENT_MODULES["education"], "Education.all"),
    "project": (DOCUMENT_MODULES["project"], "Projects.all"),
    "form": (DOCUMENT_MODULES["form"], "Downloads.all"),
    "privacy": (DOCUMENT_MODULES["privacy"], "StandingTexts.privacy"),
}
SEVERAL = re.compile(r"[、，,;；/\s]+")
"""What stands between the numbers of a contact that gives several."""
REGION = re.compile("[1-9][0-9]{5}|0{6}", re.ASCII)
BESIDE = ("policy", "form")
"""The modules whose lists lead to each other: neither is one of the six of BJ-01 by itself."""
_EDUCATION = _l(
    "Sign up for a course and take it where its link leads; your hours are counted here."
)


def region_of_visitor() -> str | None:
    """The region whose publications are shown; None for one who has not signed in."""
    actor = current_actor()
    return actor.region_code if actor else None


def noticed(rows: Sequence[Notice]) -> list[dict[str, Any]]:
    """Notices as lines of a list, each with how many files it has."""
    files = attachments.of_rows(Notice, [row.id for row in rows])
    return [
        {
            "title": row.title,
            "url": url_for("Notices.one", key=row.id),
            "date": row.issued_on,
            "issuer": row.issuer,
            "files": len(files[row.id]),
        }
        for row in rows
    ]


class Notices(BaseView):
    """通知公告: dated, signed, with a link to the original (BA-28, BJ-60)."""

    route_base = ""

    @expose("/notices/")
    @public
    def all(self) -> Any:
        """The newest first."""
        sheet = published.notices(region_of_visitor(), _page())
        return _list(_("Notices"), noticed(sheet.rows), sheet, "Notices.all")

    @expose("/notice/<int(max=2147483647):key>")
    @public
    def one(self, key: int) -> Any:
        """One notice."""
        row = published.notice(key, region_of_visitor()) or abort(404)
        crumbs = [(_("Notices"), url_for("Notices.all"))]
        return _text(row, row.issuer, row.link, crumbs)

    @expose("/notice/<int(max=2147483647):key>/file/<int(max=2147483647):file>")
    @public
    def file(self, key: int, file: int) -> Response:
        """A file of a notice, as long as it is published."""
        return _file(published.notice(key, region_of_visitor()), file)


class Documents(BaseView):
    """政策文件: the texts that registration rests on, each with its edition (BJ-60)."""

    route_base = ""

    @expose("/documents/")
    @public
    def all(self) -> Any:
        """The newest first."""
        return _documents("policy")

    @expose("/document/<int(max=2147483647):key>")
    @public
    def one(self, key: int) -> Any:
        """One document."""
        row = published.document(key, region_of_visitor()) or abort(404)
        label, endpoint = MODULES[row.module]
        return _text(row, row.edition, row.link, [(label, url_for(endpoint))])

    @expose("/document/<int(max=2147483647):key>/file/<int(max=2147483647):file>")
    @public
    def file(self, key: int, file: int) -> Response:
        """A file of a document, as long as it is published."""
        return _file(published.document(key, region_of_visitor()), file)


class Downloads(BaseView):
    """下载: forms to print and training material, as files (CD-10, HN-08)."""

    route_base = "/downloads"

    @expose("/")
    @public
    def all(self) -> Any:
        """The newest first."""
        return _documents("form")


def files_of(model: type, keys: Sequence[int]) -> list[dict[str, Any]]:
    """The files of what is published, row by row, as pages show them."""
    view = "Notices" if model is Notice else "Documents"
    return [
        downloads.told(one, url_for(f"{view}.file", key=key, file=one.id))
        for key, files in attachments.of_rows(model, keys).items()
        for one in files
    ]


def _file(row: Notice | Document | None, key: int) -> Response:
    found = attachments.one(row, key) if row else None
    return downloads.attachment(found or abort(404))


def _documents(module: str, **more: Any) -> str:
    sheet = published.documents(module, region_of_visitor(), _page())
    files = attachments.of_rows(Document, [row.id for row in sheet.rows])
    lines = [
        {
            "title": row.title,
            "url": url_for("Documents.one", key=row.id),
            "date": row.issued_on,
            "issuer": row.edition,
            "files": len(files[row.id]),
        }
        for row in sheet.rows
    ]
    label, endpoint = MODULES[module]
    if module in BESIDE:
        named = (MODULES[one] for one in BESIDE)
        more["tabs"] = [(words, url_for(view), view == endpoint) for words, view in named]
    return _list(label, lines, sheet, endpoint, **more)


class Education(BaseView):
    """继续教育: the courses, and one's own hours beside those that a renewal needs (BJ-59)."""

    route_base = "/education"

    @expose("/")
    @public
    def all(self) -> Any:
        """The newest first."""
        person = own.worker()
        hours = entries.hours_of_period(assessment(person)) if person else None
        return _documents("education", hours=hours, note=_EDUCATION)


class Projects(BaseView):
    """社会服务项目, as they are published (BJ-60)."""

    route_base = "/projects"

    @expose("/")
    @public
    def all(self) -> Any:
        """The newest first."""
        return _documents("project")


class StandingTexts(BaseView):
    """What statements rest on, for everybody to read before they agree (CD-17)."""

    route_base = ""

    @expose("/privacy")
    @public
    def privacy(self) -> Any:
        """《隐私政策》 of a region, else of the visitor's."""
        asked = request.args.get("region", "")
        known = asked if REGION.fullmatch(asked) else region_of_visitor()
        text = standing_text("privacy", known) or abort(404)
        return render_template(
            "public/notice.html",
            title=text.title,
            issuer=_("Edition %(edition)s", edition=text.edition),
            date=text.issued_on,
            paragraphs=text.paragraphs,
            crumbs=[(text.title, None)],
        )


class Help(BaseView):
    """Whom to ask, and with what browser the portal works (BA-24, BA-27, BJ-58)."""

    route_base = ""

    @expose("/help")
    @public
    def contacts(self) -> Any:
        """The contacts of the visitor's region."""
        rows = published.contacts(region_of_visitor())
        return render_template(
            "public/help.html",
            title=_("Help and contacts"),
            note=_("Use a current Chrome or Firefox. After a long pause, load the page again."),
            offices=[_contact(row) for row in rows],
        )


def _contact(row: Contact) -> dict[str, Any]:
    about = [text for text in (row.subject, row.hours) if text]
    return {
        "name": row.title,
        "about": " · ".join(about),
        "person": row.person,
        "phones": [one for one in SEVERAL.split(row.telephone or "") if one],
        "email": row.mailbox,
    }


def _list(
    title: Any, lines: list[dict[str, Any]], sheet: published.Sheet, endpoint: str, **more: Any
) -> str:
    number = sheet.number
    return render_template(
        "public/notices.html",
        title=title,
        notices=lines,
        prev_url=url_for(endpoint, page=number - 1) if number > 1 else None,
        next_url=url_for(endpoint, page=number + 1) if sheet.more else None,
        **more,
    )


def _text(
    row: Notice | Document,
    issuer: str | Words | None,
    link: str | None,
    crumbs: list[tuple[Any, str]],
) -> str:
    return render_template(
        "public/notice.html",
        title=row.title,
        issuer=issuer,
        date=row.issued_on,
        paragraphs=[line for line in row.body.splitlines() if line.strip()],
        source_url=link if link and link.startswith(("http://", "https://")) else None,
        files=files_of(type(row), [row.id]),
        crumbs=[*crumbs, (row.title, None)],
    )


def _page() -> int:
    return min(integer(request.args.get("page")) or 1, 9999)

"""What stands around every page: the menu by permission, the person, the language, the words
filter."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, request, session, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.scope import current_actor
from app.security import ROLES
from app.services import messages
from app.services.bilingual import language, own_language
from views import menu
from views.markup import begun, cell, cells, tag
from views.texts import in_words, listed


@dataclass(frozen=True)
class Entry:
    """One entry of the menu; with children it is a group."""

    label: str
    url: str
    active: bool = False
    children: list["Entry"] = field(default_factory=list)


def install(app: Flask) -> None:
    """Give the templates what they expect everywhere."""
    app.context_processor(_around)
    app.jinja_env.filters |= {"words": in_words, "listed": listed, "tag": tag, "cell": cell}
    app.jinja_env.filters |= {"begun": begun, "cells": cells}
    app.jinja_env.globals["lookup_url"] = _lookup_url


def _lookup_url(table: str) -> str:
    if table == "regions" and current_actor() is None:
        return url_for("Lookup.regions")
    return url_for("Lookup.find", table=table)


def choose_locale() -> str:
    """The language of the session, else what the browser prefers, else Chinese."""
    languages: dict[str, Any] = current_app.config["LANGUAGES"]
    wanted = request.args.get("_l_") if request else None
    if wanted in languages:
        return str(wanted)
    chosen = session.get("locale") if request else None
    if chosen in languages:
        return str(chosen)
    default = own_language()
    if not request or not request.accept_languages:
        return default
    best = request.accept_languages.best_match(["zh", "zh-CN", "en"])
    return "en" if best == "en" else default


def _around() -> dict[str, Any]:
    actor = current_actor()
    languages = current_app.config["LANGUAGES"]
    known = {
        "portal_name": _("Social Worker Registration"),
        "home_url": url_for("Home.index"),
        "locale": language(),
        "locales": [(code, about["name"]) for code, about in languages.items()],
        "language_url": url_for("SignIn.language"),
        "login_url": url_for("SignIn.login"),
        "logout_url": url_for("SignIn.logout"),
        "contacts": [
            (_("Help and contacts"), url_for("Help.contacts")),
            (_("Privacy policy"), url_for("StandingTexts.privacy")),
        ],
        "portal_menu": _menu(
            language(),
            actor.permissions if actor and actor.worker_id is None else None,
            (request.endpoint or "").partition(".")[0],
            request.root_path,
        ),
    }
    if actor is not None:
        known |= {
            "person_label": actor.name,
            "role_label": ", ".join(
                str(ROLES[role].label) for role in actor.roles if role in ROLES
            ),
            "office_label": session.get("office"),
            "account_url": url_for("OwnAccount.overview"),
        }
        if actor.may("messages.read"):
            known |= {"messages_url": url_for("Messages.inbox"), "unread": messages.unread()}
    return known


@lru_cache(maxsize=4096)
def _menu(_locale: str, permissions: frozenset[str] | None, here: str, _root: str) -> Markup:
    """The menu on the pages of one view, drawn once; `permissions` are those of an office."""
    offered = menu.PUBLIC_MENU if permissions is None else menu.navigation(permissions)
    template = current_app.jinja_env.get_template("appbuilder/navbar_menu.html")
    drawn = template.render(navigation=[_entry(entry, here) for entry in offered])
    return Markup(drawn)  # noqa: S704 - by a template that escapes


def _entry(entry: menu.Menu, here: str) -> Entry:
    children = [_entry(child, here) for child in entry.children]
    url = url_for(entry.endpoint) if entry.endpoint else children[0].url
    active = any(c.active for c in children) or bool(
        entry.endpoint and entry.endpoint.partition(".")[0] == here
    )
    return Entry(str(entry.label), url, active, children)

"""The console at /console: reference data that belongs to nobody, for platform administrators
alone."""

from datetime import date, datetime
from typing import Any

from flask import Flask, flash, redirect, url_for
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.theme import Bootstrap4Theme
from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, TextAreaField  # type: ignore[attr-defined]

from app.extensions import db
from app.services import reference_data
from app.services.refusals import Refusal
from models.codes import CHANNELS, REGION_LEVELS
from models.holiday import Holiday
from models.message import MessageTemplate
from models.policy import Dictionary, DictionaryItem, Policy
from models.region import Region
from views import guard
from views.studio import ForPlatform, Studio
from views.texts import moment


class ConsoleIndex(ForPlatform, AdminIndexView):
    """The console's own door; there is nothing on its first page but the tables."""

    def is_visible(self) -> bool:
        """The menu names the dictionaries themselves."""
        return False

    @expose("/")
    def index(self) -> Any:
        """Straight to the dictionaries."""
        return redirect(url_for("dictionary.index_view"))


# in this order: an instant is a day too, and the first that fits is taken
AS_TEXT: dict[type, Any] = {
    type(None): lambda _view, _value, _name: "",
    bool: lambda _view, value, _name: gettext("Yes") if value else gettext("No"),
    datetime: lambda _view, value, _name: moment(value),
    date: lambda _view, value, _name: value.isoformat(),
}
KEPT = {"created_at": _l("Created")}


class ConsoleView(ForPlatform, ModelView):
    """All off: a table turns on what it needs, and every write is a verb with its event."""

    can_create = False
    can_edit = False
    can_delete = False
    can_view_details = True
    page_size = 50
    can_set_page_size = False
    list_template = "admin/list.html"
    details_template = "admin/details.html"
    column_type_formatters = AS_TEXT
    column_type_formatters_detail = AS_TEXT
    column_details_exclude_list = ("version",)
    action_disallowed_list = ("delete",)

    def create_model(self, form: Any) -> Any:
        """A new row through the verb; what is refused is said above the form."""
        return self._kept(self.model(), form)

    def update_model(self, form: Any, model: Any) -> bool:
        """A changed row through the verb."""
        return bool(self._kept(model, form))

    def _kept(self, row: Any, form: Any) -> Any:
        try:
            return reference_data.keep(row, form.populate_obj)
        except Refusal as fault:
            flash(str(fault.sentence), "error")
            return False


class Dictionaries(ConsoleView):
    """Lists of codes with their words; a retired code stays, because old forms carry it."""

    can_edit = True
    column_list = ("code", "name_zh", "name_en")
    column_searchable_list = ("code", "name_zh", "name_en")
    form_columns = ("name_zh", "name_en")
    inline_models = (
        (
            DictionaryItem,
            {
                "form_columns": ["id", "code", "zh", "en", "position", "active"],
                "form_label": _l("Entry"),
                "column_labels": {
                    "code": _l("Code"),
                    "zh": _l("Chinese"),
                    "en": _l("English"),
                    "position": _l("Position"),
                    "active": _l("Offered"),
                },
            },
        ),
    )
    column_labels = KEPT | {
        "code": _l("Code"),
        "name_zh": _l("Chinese"),
        "name_en": _l("English"),
    }


class Regions(ConsoleView):
    """Administrative divisions, dated, with their successors."""

    can_edit = True
    can_create = True
    column_list = (
        "code",
        "name",
        "level",
        "parent_code",
        "valid_from",
        "valid_until",
        "successor_code",
    )
    column_searchable_list = ("code", "name")
    column_filters = ("level", "parent_code")
    form_columns = column_list
    column_labels = {
        "code": _l("Code"),
        "name": _l("Region"),
        "level": _l("Level"),
        "parent_code": _l("Above"),
        "valid_from": _l("In force from"),
        "valid_until": _l("In force until"),
        "successor_code": _l("Successor"),
    }
    column_display_pk = True
    column_choices = {"level": list(REGION_LEVELS.items())}
    # the browser's own select: Flask-Admin's is a script that axe finds at fault
    form_overrides = {"level": SelectField, "valid_from": DateField, "valid_until": DateField}
    form_args = {"level": {"choices": [SelectChoice(*pair) for pair in REGION_LEVELS.items()]}}

    def edit_form(self, obj: Any = None) -> Any:
        """The form of a present region: its code is what everything else points at."""
        form = super().edit_form(obj)
        del form.code
        return form


WORKED, FREE = _l("Worked"), _l("Free")


class Holidays(ConsoleView):
    """Statutory holidays and the weekends that are worked for them; due days follow at once."""

    can_create = True
    can_edit = True
    column_list = ("day", "name", "works")
    column_searchable_list = ("name",)
    column_filters = ("day", "works")
    column_default_sort = ("day", True)
    form_columns = ("day", "name", "works")
    column_labels = KEPT | {
        "day": _l("Day"),
        "name": _l("Holiday"),
        "works": _l("Working day"),
    }
    column_formatters = {
        "day": lambda _view, _context, row, _name: format_date(row.day, "yyyy-MM-dd EEE"),
        "works": lambda _view, _context, row, _name: WORKED if row.works else FREE,
    }
    form_overrides = {"day": DateField}  # the browser's own calendar: ours would need a script
    column_descriptions = {
        "day": _l("Enter a year whole: until it has days here, only its weekends are free."),
        "works": _l("Tick it for a weekend that is worked to make up for a holiday."),
    }


class MessageTemplates(ConsoleView):
    """The words of messages in both languages."""

    can_edit = True
    column_list = ("code", "channel", "title_zh", "title_en")
    form_columns = ("title_zh", "title_en", "body_zh", "body_en")
    column_choices = {"channel": list(CHANNELS.items())}
    form_overrides = {"body_zh": TextAreaField, "body_en": TextAreaField}
    form_widget_args = {"body_zh": {"rows": 4}, "body_en": {"rows": 4}}
    column_labels = KEPT | {
        "code": _l("Code"),
        "channel": _l("Channel"),
        "title_zh": _l("Title in Chinese"),
        "title_en": _l("Title in English"),
        "body_zh": _l("Text in Chinese"),
        "body_en": _l("Text in English"),
    }


class Policies(ConsoleView):
    """Published editions of policies, to read; the studio leads here."""

    column_list = (
        "code",
        "edition",
        "jurisdiction",
        "effective_from",
        "effective_until",
        "published_at",
    )
    column_details_list = (*column_list, "digest", "source")
    column_labels = {
        "code": _l("Policy"),
        "edition": _l("Edition"),
        "jurisdiction": _l("Region"),
        "effective_from": _l("In force from"),
        "effective_until": _l("In force until"),
        "published_at": _l("Published"),
        "digest": _l("Fingerprint"),
        "source": _l("Text of the policy"),
    }

    def is_visible(self) -> bool:
        """The menu has the studio, where editions come from."""
        return False


CONSOLE = (
    (Dictionaries, Dictionary, _l("Dictionaries")),
    (Regions, Region, _l("Regions")),
    (Holidays, Holiday, _l("Holidays")),
    (MessageTemplates, MessageTemplate, _l("Message templates")),
    (Policies, Policy, _l("Published editions")),
)


def install(app: Flask) -> None:
    """Mount the console beside the portal, with its sign-in, session, language and look."""
    admin = Admin(
        app,
        name=_l("Console"),
        url="/console",
        index_view=ConsoleIndex(url="/console", endpoint="console"),
        theme=Bootstrap4Theme(swatch="default"),
    )
    for view, model, label in CONSOLE:
        admin.add_view(view(model, db, name=label, endpoint=model.__name__.lower()))
        guard.shut(app, model.__name__.lower(), "console.use")
    admin.add_view(Studio(name=_l("Policies"), endpoint="studio"))
    for blueprint in ("console", "studio"):
        guard.shut(app, blueprint, "console.use")

"""Registering what the table of contents lists."""

from flask_appbuilder import AppBuilder

from views import contents
from views.account import SignIn, Tokens
from views.resource.rest import api
from views.resource.screens import screens


def register(appbuilder: AppBuilder) -> None:
    """Add every resource's screens and API, and every custom screen, to the application."""
    appbuilder.sm.auth_view = appbuilder.add_view_no_menu(SignIn)
    appbuilder.add_api(Tokens)
    by_table = {resource.model.__table__.name: resource for resource in contents.RESOURCES}
    for resource in contents.RESOURCES:
        if resource.screens:
            appbuilder.add_view_no_menu(screens(resource, by_table))
        appbuilder.add_api(api(resource))
    for interface in contents.APIS:
        appbuilder.add_api(interface)
    for view in contents.SCREENS:
        appbuilder.add_view_no_menu(view)

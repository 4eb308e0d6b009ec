"""Putting the portal together: the one place that knows every part."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from app import cli, scope
from app.extensions import csrf, db, migrate, new_appbuilder, prepare_engine
from app.keys import KeySource, KeyStore
from app.services import timetable
from app.storage import FileStore
from views import allowance, console, guard, navigation, registry, sessions
from views.home import Home


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The portal as a WSGI application.

    `overrides` replace settings, such as SQLALCHEMY_DATABASE_URI or PORTAL_FILES in a test.
    """
    app = Flask(__name__, root_path=str(config.ROOT / "app"))
    app.config.from_mapping(config.settings())
    app.config.from_mapping(overrides or {})
    app.config["RATELIMIT_KEY_FUNC"] = allowance.asker
    _behind_proxies(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"))
    csrf.init_app(app)
    sessions.install(app)
    app.extensions["files"] = FileStore(app.config["PORTAL_FILES"])
    app.extensions["keys"] = _keys(app)
    with app.app_context():
        prepare_engine(db.engine)
        scope.install()
        guard.install(app)
        appbuilder = new_appbuilder()
        appbuilder.indexview = Home
        appbuilder.init_app(app, db.session)
        app.extensions["babel"].locale_selector = navigation.choose_locale
        registry.register(appbuilder)
        console.install(app)
        timetable.install(app)
    navigation.install(app)
    cli.install(app)
    return app


def _keys(app: Flask) -> KeyStore:
    """The keys of certificates, refused at the start when they could not be used later."""
    place, certificates = (
        app.config["PORTAL_SIGNING_KEY"],
        app.config["PORTAL_SIGNING_CERTIFICATES"],
    )
    source = KeySource(
        place,
        app.config["PORTAL_SIGNING_PASSWORD"],
        Path(certificates) if certificates else None,
    )
    keys = KeyStore(
        app.config["PORTAL_KEYS"], source if place else None, production=app.config["PRODUCTION"]
    )
    keys.check()
    return keys


def _behind_proxies(app: Flask) -> None:
    """Take address and scheme from the proxies in front, when there are as many as the setting
    says."""
    count = app.config["PROXIES"]
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]

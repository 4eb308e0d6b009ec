"""Settings: Flask's configuration from the environment; the README's table lists every variable."""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from cryptography.fernet import Fernet

from app.rules import quiet

ROOT = Path(__file__).parent
VAR = ROOT / "var"

LANGUAGES = {"zh_Hans_CN": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}}

NOBODYS_PASSWORD = (
    "scrypt:32768:8:1$hXcXI8ssYM5cTQJs$"  # noqa: S105 - nobody has it
    "aa8bead92d39cae4ddd5f3993f80aa55e0c47ff1de41a0d5674566cf6aef1fb9"
    "f462727d9fd051d44bbbf52033a804b86518c4f6c879f983a2a4ac76b11a2810"
)
"""The hash of a password that was never kept, as costly to compare as a real one: FAB's own takes a
third of the time, and that told which user names exist."""


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask's configuration from environment variables.

    Raises RuntimeError in production when a key or PORTAL_URL is missing: development keys are
    made in `var/`.
    """
    production = environ.get("PORTAL_ENV") == "production"
    files = Path(environ.get("PORTAL_FILES", VAR / "files"))
    return {
        "PRODUCTION": production,
        "ROOT": ROOT,
        "SECRET_KEY": _key(environ, "SECRET_KEY", production),
        "IDENTITY_KEY": _key(environ, "IDENTITY_KEY", production),
        "EVENT_KEY": _key(environ, "EVENT_KEY", production),
        "SQLALCHEMY_DATABASE_URI": _database_url(environ),
        "PORTAL_FILES": files,
        "PORTAL_ANCHORS": Path(environ.get("PORTAL_ANCHORS", files / "anchors")),
        "PORTAL_URL": _public_url(environ, production),
        "PORTAL_KEYS": Path(environ.get("PORTAL_KEYS", files / "keys")),
        **_signing_key(environ, production),
        "PORTAL_OFD_SEAL": environ.get("PORTAL_OFD_SEAL", ""),
        "PORTAL_JOBS": environ.get("PORTAL_JOBS", "on") != "off",
        "PORTAL_QUEUE": Path(environ.get("PORTAL_QUEUE", VAR / "queue.db")),
        "PORTAL_MAIL": environ.get("PORTAL_MAIL", ""),
        "PORTAL_MAIL_AUTHORITY": environ.get("PORTAL_MAIL_AUTHORITY", ""),
        "PORTAL_SMS": environ.get("PORTAL_SMS", "" if production else f"file:{VAR / 'sms.txt'}"),
        "PORTAL_SMS_TOKEN": environ.get("PORTAL_SMS_TOKEN", ""),
        "PORTAL_QUIET_HOURS": quiet.parse(environ.get("PORTAL_QUIET_HOURS", "21:00-08:00")),
        "IDENTITY_PROVIDERS": _identity_providers(environ),
        "PROXIES": int(environ.get("PORTAL_PROXIES", "0")),
        "RATELIMIT_ENABLED": environ.get("PORTAL_RATE_LIMIT", "on") != "off",
        "RATELIMIT_STORAGE_URI": environ.get("PORTAL_RATE_STORAGE", "memory://"),
        **_fixed(production),
    }


def _fixed(production: bool) -> dict[str, Any]:
    """What is the same everywhere: security and the frameworks' switches."""
    return {
        "APP_NAME": "Dengji",
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "LANGUAGES": LANGUAGES,
        "AUTH_TYPE": 1,
        "AUTH_RATE_LIMITED": True,
        "AUTH_ROLE_PUBLIC": "Public",
        "FAB_UPDATE_PERMS": False,
        "FAB_SECURITY_MANAGER_CLASS": "app.security.PortalSecurityManager",
        "FAB_CREATE_DB": False,  # migrations make the schema, `portal init` the roles
        "FAB_API_MAX_PAGE_SIZE": 100,
        "FAB_API_SWAGGER_UI": False,
        "FAB_PASSWORD_HASH_METHOD": "scrypt",
        "AUTH_DB_FAKE_PASSWORD_HASH_CHECK": NOBODYS_PASSWORD,
        "FAB_SECURITY_SIGNALS_ENABLED": False,
        "FAB_BASE_TEMPLATE": "appbuilder/baselayout.html",
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(hours=1),
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,  # views that take files say more: views.guard
        "LARGEST_BODY": 65 * 1024 * 1024,  # the server keeps a body whole before anybody asks
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=8),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "portal_session",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": production,
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},  # a logged fault names nobody
        "SQLALCHEMY_TRACK_MODIFICATIONS": False,
        "WTF_CSRF_CHECK_DEFAULT": False,  # views.guard checks, because tokens need none
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _identity_providers(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the file of identity providers says, each entry with its secret from the environment.

    Each has a secret of its own name: the file never says which variable is read. Raises
    RuntimeError for one without a secret.
    """
    path = environ.get("PORTAL_IDENTITY_PROVIDERS")
    listed = yaml.safe_load(Path(path).read_text("utf-8")) if path else []
    names = [f"PORTAL_IDENTITY_SECRET_{one['code'].upper()}" for one in listed]
    if missing := [name for name in names if not environ.get(name)]:
        raise RuntimeError(f"{', '.join(missing)} must be set")
    return [
        {**one, "client_secret": environ[name]} for one, name in zip(listed, names, strict=True)
    ]


def _public_url(environ: Mapping[str, str], production: bool) -> str:
    """The address on certificates; a request's own Host header must not choose it."""
    if production and not environ.get("PORTAL_URL"):
        raise RuntimeError("PORTAL_URL must be set in production")
    here = f"http://127.0.0.1:{environ.get('PORT', '8080')}"
    return (environ.get("PORTAL_URL") or here).rstrip("/")


def _signing_key(environ: Mapping[str, str], production: bool) -> dict[str, str]:
    """Where the key of certificates is; development makes one of a test authority."""
    place = environ.get("PORTAL_SIGNING_KEY", "")
    if production and not place:
        raise RuntimeError(
            "PORTAL_SIGNING_KEY must name the authority's key in production (docs/certificates.md)"
        )
    return {
        "PORTAL_SIGNING_KEY": place,
        "PORTAL_SIGNING_PASSWORD": environ.get("PORTAL_SIGNING_PASSWORD", ""),
        "PORTAL_SIGNING_CERTIFICATES": environ.get("PORTAL_SIGNING_CERTIFICATES", ""),
    }


def _database_url(environ: Mapping[str, str]) -> str:
    url = environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'portal.db'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _key(environ: Mapping[str, str], name: str, production: bool) -> str:
    if environ.get(name):
        return environ[name]
    if production:
        raise RuntimeError(f"{name} must be set in production")
    return _development_key(VAR / f"{name.lower()}.key")


def _development_key(path: Path) -> str:
    """A key that stays the same on this machine; two processes may ask for it at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(Fernet.generate_key().decode())
        draft.chmod(0o600)
        with suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all, and the first one wins
        draft.unlink()
    return path.read_text()

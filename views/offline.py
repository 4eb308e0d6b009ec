"""What a third party needs to check certificates without asking us each time: the public keys, the
signed status list, and a page of one file that uses both."""

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from flask import Response, current_app, jsonify, make_response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from markupsafe import Markup

from app.documents.status_token import TYPE, base64url
from app.keys import HALF, KeyStore, PublicKey
from app.services import status_list
from app.services.bilingual import language
from app.services.status_list import ADDRESS, EVERY
from models.codes import LEVELS
from views.allowance import DOWNLOADS
from views.guard import public
from views.offline_texts import texts

SCRIPTS = ("code.js", "offline.js")
STYLE = "offline.css"
KEYS_SECONDS = 3600


class Offline(BaseView):
    """Three addresses that stay; each answer may be kept, because it is signed or public."""

    route_base = ""

    @expose("/.well-known/certificate-keys.json")
    @public
    def keys(self) -> Response:
        """Every public key whose signatures count, as a JWK set (RFC 7517)."""
        answer = jsonify(keys=_keys(), status_list=_outside("Offline.states"))
        return _shared(answer, KEYS_SECONDS)

    @expose(ADDRESS)
    @public
    def states(self) -> Response:
        """The newest signed list of states; it says itself how old it is."""
        DOWNLOADS.take()
        found = status_list.current()
        answer = make_response(found.token)
        answer.mimetype = f"application/{TYPE}"
        answer.last_modified = found.issued_at
        _shared(answer, int(EVERY.total_seconds() // 2))
        answer.make_conditional(request)
        return answer

    @expose("/verify/offline")
    @public
    def page(self) -> Response:
        """The page that needs nothing but itself."""
        style, script = _inlined()
        policy = _policy(style, script)
        given = json.dumps(_given(), ensure_ascii=False).replace("<", "\\u003c")
        text = render_template(
            "certificates/offline.html",
            lang="zh-CN" if language().startswith("zh") else "en",
            policy=f"{policy}; connect-src {_origin()}",
            style=Markup("<style>{}</style>").format(Markup(style)),  # noqa: S704 - our own file
            script=Markup("<script>{}</script>").format(Markup(script)),  # noqa: S704 - our own file
            given=Markup('<script type="application/json" id="given">{}</script>').format(
                Markup(given)  # noqa: S704 - JSON without "<"
            ),
            saved_name=f"{_('certificate-check')}.html",
            offline_url=_outside("Offline.page"),
            list_url=_outside("Offline.states"),
            online_url=_outside("Verification.ask"),
        )
        answer = make_response(text)
        answer.headers["Content-Security-Policy"] = (
            f"{policy}; connect-src 'self'; form-action 'none'; frame-ancestors 'none'"
        )
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def _given() -> dict[str, Any]:
    return {
        "keys": _keys(),
        "keys_url": _outside("Offline.keys"),
        "list_url": _outside("Offline.states"),
        "texts": {
            **texts(),
            "levels": {code: str(label) for code, label in LEVELS.items()},
        },
    }


def _keys() -> list[dict[str, Any]]:
    store: KeyStore = current_app.extensions["keys"]
    return [_jwk(key) for key in store.public_keys()]


def _jwk(key: PublicKey) -> dict[str, Any]:
    numbers = key.key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "kid": key.kid,
        "x": base64url(numbers.x.to_bytes(HALF, "big")),
        "y": base64url(numbers.y.to_bytes(HALF, "big")),
        "x5c": [base64.b64encode(key.certificate.public_bytes(Encoding.DER)).decode()],
    }


def _origin() -> str:
    return str(current_app.config["PORTAL_URL"] or request.host_url.rstrip("/"))


def _outside(endpoint: str) -> str:
    """The whole address of a page, for a copy that was saved."""
    return _origin() + url_for(endpoint)


def _shared(answer: Response, seconds: int) -> Response:
    """Anybody may keep it so long, and pages of other sites and saved ones may read it."""
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@lru_cache(maxsize=1)
def _inlined() -> tuple[str, str]:
    """The style and the script, as they stand between their tags."""
    folder = current_app.config["ROOT"] / "app" / "static"
    style = (folder / STYLE).read_text(encoding="utf-8")
    return style, "".join((folder / name).read_text(encoding="utf-8") for name in SCRIPTS)


def _policy(style: str, script: str) -> str:
    """Only just this style and this script, named by their digests."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
        )
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

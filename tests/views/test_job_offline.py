"""What a third party fetches to check without us: keys, list, the page that stands alone."""

import base64
import hashlib
import html
import json
import re
from typing import Any

import jwt
from flask import Flask, current_app

from app.keys import KeyStore
from app.services import status_list
from tests.support.portal import Client
from tests.views.people import text

INLINE = re.compile(r"<(script|style)(?: type=\"application/json\" id=\"given\")?>(.*?)</\1>", re.S)
DATA = re.compile(r'id="given">(.*?)</script>', re.S)


def fetched_keys(client: Client) -> list[dict[str, Any]]:
    """The published keys."""
    found: list[dict[str, Any]] = client.get("/.well-known/certificate-keys.json").get_json()[
        "keys"
    ]
    return found


def test_the_public_keys_are_a_set_that_any_library_reads(client: Client, app: Flask) -> None:
    answer = client.get("/.well-known/certificate-keys.json")
    keys: KeyStore = current_app.extensions["keys"]
    found = jwt.PyJWKSet.from_dict(answer.get_json())
    assert [key.key_id for key in found.keys] == [key.kid for key in keys.public_keys()]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "private" not in answer.text.lower()
    assert all("d" not in key for key in fetched_keys(client))
    assert answer.get_json()["status_list"].endswith("/verify/status-list")


def test_the_list_is_signed_by_a_published_key_and_may_be_kept_a_while(client: Client) -> None:
    status_list.rebuild()
    answer = client.get("/verify/status-list")
    assert answer.mimetype == "application/statuslist+jwt"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    key = jwt.PyJWKSet.from_dict({"keys": fetched_keys(client)}).keys[0]
    content = jwt.decode(answer.text, key, algorithms=["ES256"], options={"verify_iat": False})
    assert content["status_list"]["bits"] == 4
    again = client.get(
        "/verify/status-list", headers={"If-Modified-Since": answer.headers["Last-Modified"]}
    )
    assert again.status_code == 304


def test_the_page_runs_only_its_own_script_and_asks_only_us(client: Client) -> None:
    answer = client.get("/verify/offline")
    said = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in said
    assert "unsafe" not in said
    for tag, inside in INLINE.findall(answer.text):
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in said or inside.lstrip().startswith("{"), tag
    assert len(INLINE.findall(answer.text)) == 3
    saved = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', answer.text)[0])
    assert "script-src 'sha256-" in saved
    assert re.search(r"connect-src https?://[\w.:-]+$", saved)


def test_the_page_brings_the_keys_and_fetches_nothing_by_itself(client: Client) -> None:
    page = client.get("/verify/offline")
    given = json.loads(DATA.findall(page.text)[0])
    assert given["keys"] == fetched_keys(client)
    assert given["list_url"].startswith("http")
    assert not re.findall(r'<(?:script|img|iframe)[^>]* src=|<link[^>]*href="(?!data:)', page.text)
    assert len(page.data) < 60_000


def test_the_page_speaks_the_language_of_whoever_saves_it(client: Client) -> None:
    assert "离线核验" in text(client.get("/verify/offline"))
    client.submit("/language", {"locale": "en"}, "/login/")
    shown = client.get("/verify/offline").text
    assert 'lang="en"' in shown
    assert "Check certificates without a connection" in shown
    assert not re.findall("[\u4e00-\u9fff]", DATA.findall(shown)[0])

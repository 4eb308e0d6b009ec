"""The language of whoever reads: the page's, and outside of one the portal's own."""

import pytest
from flask import Flask

from app.services.bilingual import language, own_language


@pytest.mark.usefixtures("db")
def test_the_language_is_the_pages_and_outside_of_one_the_portals_own(app: Flask) -> None:
    with app.test_request_context("/?_l_=en"):
        assert language() == "en"
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert language() == "en"
    with app.app_context():
        assert language() == own_language() == "zh_Hans_CN"

"""A policy whose certificate could not be drawn as it has to be is found before it is published."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.queries.policies import SEEDS
from app.rules.policy import CertificateTerms
from app.services import faces, policies
from tests.documents.test_certificate import PLAIN, seal_picture
from tests.rules.conftest import shipped

NATIONAL = shipped("national")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEMPLATE_PATHS", str(tmp_path))
    return tmp_path


def found(**terms: Any) -> list[tuple[str, str]]:
    """Where a policy with these files is at fault, and why."""
    policy = replace(NATIONAL, certificate=CertificateTerms(**terms))
    return [(fault.path, fault.message.zh) for fault in faces.faults(policy)]


def test_what_is_shipped_is_sound() -> None:
    assert found() == []


def test_a_template_and_a_seal_that_are_there_are_sound(folder: Path) -> None:
    (folder / "own.typ").write_text(PLAIN, "utf-8")
    (folder / "own-seal.png").write_bytes(seal_picture())
    assert found(template="own", seal="own-seal") == []


@pytest.mark.parametrize(
    ("make", "terms", "path", "why"),
    [
        (None, {"template": "own"}, "certificate.template", "没有名为own.typ"),
        ("#let x = [", {"template": "own"}, "certificate.template", "不能排版"),
        ("空白", {"template": "own"}, "certificate.template", "没有印出：欧阳静怡"),
        (None, {"seal": "own"}, "certificate.seal", "own.png"),
    ],
)
def test_what_is_wrong_is_told_at_its_key(
    make: str | None, terms: dict[str, str], path: str, why: str, folder: Path
) -> None:
    if make is not None:
        (folder / "own.typ").write_text(make, "utf-8")
    ((at, message),) = found(**terms)
    assert at == path
    assert why in message


def test_a_seal_that_is_no_png_is_refused(folder: Path) -> None:
    (folder / "own.png").write_bytes(seal_picture()[:100])
    ((at, message),) = found(seal="own")
    assert (at, "不可用" in message) == ("certificate.seal", True)


def test_a_file_in_the_place_of_the_shipped_one_is_tried_as_well(folder: Path) -> None:
    (folder / "registration_certificate.typ").write_text("空白", "utf-8")
    assert [path for path, _why in found()] == ["certificate.template"]


def test_checking_a_policy_file_tells_the_line(tmp_path: Path) -> None:
    text = (SEEDS / "national.yaml").read_text("utf-8")
    file = tmp_path / "national.yaml"
    file.write_text(f"{text}\ncertificate: {{template: nowhere}}\n", "utf-8")
    (fault,) = policies.faults_of_file(file)
    assert fault.told("zh").count("nowhere.typ") == 1
    assert fault.line == len(file.read_text("utf-8").splitlines())


@pytest.mark.parametrize("name", ["../etc/passwd", "/etc/passwd", "a.b", "名"])
def test_a_name_leads_to_no_other_folder(name: str, shape: Callable[[str], list[str]]) -> None:
    assert shape(name) == ["certificate.template"]


@pytest.fixture
def shape(tmp_path: Path) -> Callable[[str], list[str]]:
    def faults(name: str) -> list[str]:
        text = (SEEDS / "national.yaml").read_text("utf-8")
        file = tmp_path / "national.yaml"
        file.write_text(f'{text}\ncertificate: {{template: "{name}"}}\n', "utf-8")
        return [fault.path for fault in policies.faults_of_file(file)]

    return faults

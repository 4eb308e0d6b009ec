"""The number of an identity card is checked whenever it becomes one, and says sex and birth."""

from datetime import date
from typing import Any

import pytest

from app import vault
from app.rules.identifiers import id_check_digit
from app.services import records
from app.services.refusals import Invalid
from models.worker import Worker
from tests.support import factories
from tests.support.factories import acting, stored

pytestmark = pytest.mark.usefixtures("db")

REGION = "410105"
PASSPORT: dict[str, Any] = {"id_type": "passport", "sex": "female", "born_on": date(1985, 1, 1)}
MALE, FEMALE = "110105199005170011", "110105199005170020"


def number(first: str) -> str:
    return first[:17] + id_check_digit(first[:17])


WRONG = number(MALE)[:17] + ("1" if number(MALE)[17] != "1" else "2")


def update(key: int, *, reveals: bool = True, **values: Any) -> Worker:
    with acting(factories.actor("county_admin", REGION)):
        records.update(Worker, key, values, reveals=reveals)
    return stored(Worker, key)


@pytest.mark.parametrize("reveals", [True, False])
def test_a_passport_s_number_does_not_become_an_identity_card_s(reveals: bool) -> None:
    worker = factories.worker(REGION, number=WRONG, **PASSPORT)
    with pytest.raises(Invalid) as refused:
        update(worker.id, reveals=reveals, id_type="id_card")
    assert set(refused.value.errors) == {"id_type"}
    assert stored(Worker, worker.id).id_type == "passport"


def test_a_right_number_becomes_one_and_says_sex_and_birth() -> None:
    worker = factories.worker(REGION, number=number(MALE), **PASSPORT)
    changed = update(worker.id, id_type="id_card")
    assert (changed.id_type, changed.sex, changed.born_on) == ("id_card", "male", date(1990, 5, 17))
    assert vault.unseal(changed.id_number_cipher) == number(MALE)


@pytest.mark.parametrize("typed", [{"sex": "male"}, {"born_on": "1985-01-01"}])
def test_sex_and_birth_are_those_of_the_card_whatever_is_typed(typed: dict[str, Any]) -> None:
    worker = factories.worker(REGION, number=number(FEMALE))
    changed = update(worker.id, **typed)
    assert (changed.sex, changed.born_on) == ("female", date(1990, 5, 17))


def test_another_document_says_neither_so_that_both_are_typed() -> None:
    worker = factories.worker(REGION, number=WRONG, **PASSPORT)
    changed = update(worker.id, sex="male", born_on="1986-02-02")
    assert (changed.sex, changed.born_on) == ("male", date(1986, 2, 2))


def test_a_card_that_becomes_a_passport_keeps_what_it_said() -> None:
    worker = factories.worker(REGION, number=number(FEMALE))
    changed = update(worker.id, id_type="passport")
    assert (changed.id_type, changed.sex) == ("passport", "female")

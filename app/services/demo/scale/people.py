"""The people of a large register: who they are, their examination, their hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from app import vault
from app.rules import identifiers
from app.services.demo.people import story
from app.services.demo.scale.plan import Place, Plan, figures
from app.services.demo.scale.rows import DAY, Lines, below, instant

FIRST_KEY = 1001
"""The keys below are for those who are added one by one."""
FIRST_BIRTH = date(1960, 1, 1)
BIRTHDAYS = 10_457  # a prime, so that steps of any size visit every day once
LATELY = 2016
MOST = 150 * BIRTHDAYS - FIRST_KEY
"""How many people there are numbers for."""
FIRST_EXAM = 2008
HOURS, ENOUGH = ("4", "8", "12", "24"), "90"


@dataclass(frozen=True)
class Person:
    """What the cases of a worker have to know of the worker; `values` by the name of the source."""

    key: int
    place: Place
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As everybody writes it."""
        return str(self.values["worker.name"])

    @property
    def level(self) -> str:
        """The level of the examination that was passed."""
        return str(self.values["qualification.level"])


@cache
def _names() -> tuple[list[str], list[int], list[str], list[str]]:
    surnames, given = figures()["surnames"], figures()["given_names"]
    return (
        list(surnames),
        list(accumulate(surnames.values())),
        list(given["single"]),
        given["double"].split(),
    )


def name(dice: Random) -> str:
    """A name as frequent as it is in life; three in four have two characters after the surname."""
    surnames, weights, single, double = _names()
    surname = dice.choices(surnames, cum_weights=weights)[0]
    roll = dice.random()
    if roll < 0.25:
        return surname + dice.choice(single)
    if roll < 0.6:
        return surname + dice.choice(single) + dice.choice(single)
    return surname + dice.choice(double)


def id_number(place: Place, key: int, exam_year: int) -> str:
    """A citizen number that no other key gives: each day of birth comes round after BIRTHDAYS
    keys, and then with the next serial numbers. Who passed lately is ten years younger, with
    serial numbers of their own."""
    round_, step = divmod(key, BIRTHDAYS)
    young = exam_year >= LATELY
    born = FIRST_BIRTH + timedelta(days=step * 7919 % BIRTHDAYS + 3653 * young)
    first = f"{place.code}{born:%Y%m%d}{100 + 450 * young + 3 * round_ + key % 3:03d}"
    return first + identifiers.id_check_digit(first)


def add(
    lines: Lines,
    plan: Plan,
    dice: Random,
    key: int,
    place: Place,
    exam_year: int,
    renews: bool,
) -> Person:
    """One worker with the qualification and some hours."""
    number = id_number(place, key, exam_year)
    sex, born = identifiers.sex_of(number), identifiers.born_on(number)
    masked, who = identifiers.mask_id_number(number), name(dice)
    phone = f"1{dice.choice('35789')}{key % 10}{key * 7919 % 10**8:08d}"
    unit = place.code + dice.choice(figures()["units"])
    address = f"{dice.choice(figures()['streets'])} {1 + below(dice, 299)} 号"
    email = f"worker{key}@example.com"
    begun = instant(plan.now)
    lines["worker"].append(
        f"{key}\t{begun}\t1\t{place.text}\t{who}\tid_card\t{masked}\t"
        f"{vault.seal(number).decode()}\t{vault.digest(number)}\t{sex}\t{born}\t{phone}\t{email}\t"
        f"{address}\t{unit}\tt"
    )
    levels = figures()["levels"]
    level = dice.choices(list(levels), levels.values())[0]
    management = f"{exam_year}0{place.code[:4]}{key:08d}"
    passed = f"{exam_year}-10-20"
    lines["qualification"].append(
        f"{key}\t{begun}\t1\t{place.text}\t{key}\t{level}\t{exam_year}\t{management}\t{passed}\tt"
    )
    values = {
        "worker.name": who,
        "worker.id_type": "id_card",
        "worker.id_number": masked,
        "worker.sex": sex,
        "worker.born_on": born.isoformat(),
        "worker.phone": phone,
        "worker.email": email,
        "qualification.level": level,
        "qualification.exam_year": exam_year,
        "qualification.management_number": management,
        "region_code": place.code,
    }
    person = Person(key, place, values)
    _credits(lines, plan, dice, person, renews)
    return person


def _credits(lines: Lines, plan: Plan, dice: Random, person: Person, renews: bool) -> None:
    """Every other worker has taken a course or two; who renews has the hours that it needs."""
    key, place = person.key, person.place
    for turn in range(max(below(dice, 5) - 2, renews)):
        enough = renews and not turn
        online = enough or dice.random() < 0.7
        taken = instant(plan.now - (20 + below(dice, 680)) * DAY)[:10]
        hours = ENOUGH if enough else dice.choice(HOURS)
        state = "accepted" if online or dice.random() < 0.6 else "pending"
        lines["credit"].append(
            f"{key * 4 + turn}\t{instant(plan.now)}\t1\t{place.text}\t{key}\t"
            f"{dice.choice(story()['courses'])}\t{taken}\t{hours}\t"
            f"{'online' if online else 'offline'}\t{state}"
        )

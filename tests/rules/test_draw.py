"""Drawing lots: anybody can repeat a draw, and the share is that of the policy."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from app.rules.draw import Draw

SEEDS = [hashlib.sha256(str(turn).encode()).hexdigest() for turn in range(4000)]
percents = st.integers(0, 100)


@given(st.sampled_from(SEEDS), percents)
def test_a_draw_is_repeated_from_its_record_with_any_sha_256_tool(seed: str, percent: int) -> None:
    said = dict(part.split("=") for part in str(Draw(seed, percent)).split())
    lot = int(hashlib.sha256(said["seed"].encode()).hexdigest()[:8], 16)
    assert lot == int(said["lot"])
    assert int(said["below"]) == 2**32 * percent // 100
    assert Draw(seed, percent).drawn == (lot < int(said["below"]))


@given(st.sampled_from(SEEDS), percents, percents)
def test_a_higher_percentage_draws_all_that_a_lower_one_draws(seed: str, a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert Draw(seed, low).drawn <= Draw(seed, high).drawn


def test_none_is_none_and_all_is_all() -> None:
    assert not any(Draw(seed, 0).drawn for seed in SEEDS)
    assert all(Draw(seed, 100).drawn for seed in SEEDS)


def test_the_share_is_that_of_the_policy() -> None:
    drawn = sum(Draw(seed, 5).drawn for seed in SEEDS)
    assert 150 < drawn < 250  # 200 of 4000, three and a half standard deviations either way

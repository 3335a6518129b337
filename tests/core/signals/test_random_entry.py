from collections import Counter
from dataclasses import replace

import pytest

from core.model.intervals import Interval
from core.model.signal import Direction, SignalKey
from core.signals.random_entry import random_direction

KEY = SignalKey("BTCUSDT", Interval.M15, 1_750_000_500_000, "layers-1")


def drawn(n, *, share, seed=1):
    keys = (replace(KEY, open_time_ms=KEY.open_time_ms + i * 900_000) for i in range(n))
    return [random_direction(key, share=share, seed=seed) for key in keys]


def test_the_strategy_has_no_say():
    other = replace(KEY, strategy="another")
    for seed in range(50):
        assert random_direction(KEY, share=0.5, seed=seed) is random_direction(
            other, share=0.5, seed=seed
        )


def test_entries_are_the_same_from_run_to_run_and_machine_to_machine():
    entries = {i: d.value for i, d in enumerate(drawn(120, share=0.02)) if d.sign}
    assert entries == {18: "LONG", 50: "LONG", 87: "SHORT", 106: "LONG", 112: "LONG"}


def test_so_many_bars_are_entered_either_way_as_often():
    counted = Counter(drawn(5_000, share=0.2))
    assert counted[Direction.FLAT] == pytest.approx(4_000, abs=120)
    assert counted[Direction.LONG] == pytest.approx(500, abs=90)


@pytest.mark.parametrize("change", [{"symbol": "ETHUSDT"}, {"interval": Interval.M1}])
def test_another_market_has_other_entries(change):
    keys = [replace(KEY, open_time_ms=KEY.open_time_ms + i * 900_000) for i in range(100)]
    mine = [random_direction(key, share=0.5, seed=1) for key in keys]
    theirs = [random_direction(replace(key, **change), share=0.5, seed=1) for key in keys]
    assert mine != theirs
    assert mine != [random_direction(key, share=0.5, seed=2) for key in keys]


def test_none_and_all_of_the_bars():
    assert set(drawn(300, share=0.0)) == {Direction.FLAT}
    assert set(drawn(300, share=1.0)) == {Direction.LONG, Direction.SHORT}


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_beyond_its_bounds_is_refused(share):
    with pytest.raises(ValueError, match="share"):
        random_direction(KEY, share=share, seed=1)

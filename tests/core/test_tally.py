import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tally import Distribution, Spread, Tally


def test_sums_are_kept_by_key_and_only_grow():
    tally = Tally()
    tally.add("a")
    tally.add("b", 2.5)
    tally.add("a")
    assert tally.sums() == {"a": 2, "b": 2.5}
    for amount in (-1, math.nan):
        with pytest.raises(ValueError, match="at least 0"):
            tally.add("a", amount)
    assert tally.sums()["a"] == 2


def test_threads_lose_no_count():
    tally, spread = Tally(), Distribution((1.0,))

    def count():
        for _ in range(1_000):
            tally.add("a")
            spread.add(0.5)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.sums() == {"a": 4_000}
    assert spread.spread() == Spread((1.0,), (4_000, 4_000), 2_000.0)


@given(st.lists(st.floats(-5.0, 50.0)))
def test_each_bound_counts_what_does_not_exceed_it(values):
    found = Distribution((0.0, 1.0, 10.0))
    for value in values:
        found.add(value)
    spread = found.spread()
    counted = [max(value, 0.0) for value in values]
    expected = [sum(value <= bound for value in counted) for bound in (0.0, 1.0, 10.0)]
    assert spread.counts == (*expected, len(values))
    assert spread.total == pytest.approx(sum(counted))


def test_bounds_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match="rise"):
        Distribution((1.0, 1.0))
    with pytest.raises(ValueError, match="fit"):
        Spread((1.0,), (3, 2), 0.0)

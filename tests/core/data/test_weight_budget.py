import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.weight_budget import (
    CROWDED_PAUSE_S,
    CROWDED_WEIGHT,
    WeightBudget,
    depth_weight,
    klines_weight,
)


@pytest.mark.parametrize(
    ("limit", "weight"), [(1, 1), (99, 1), (100, 2), (499, 2), (500, 5), (1000, 5), (1500, 10)]
)
def test_klines_weigh_what_the_exchange_says(limit, weight):
    assert klines_weight(limit) == weight


@pytest.mark.parametrize(
    ("limit", "weight"), [(5, 2), (50, 2), (51, 5), (100, 5), (500, 10), (501, 20), (1000, 20)]
)
def test_order_books_weigh_what_the_exchange_says(limit, weight):
    assert depth_weight(limit) == weight


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from([1, 2, 5, 10])), max_size=80))
def test_no_minute_ever_holds_more_than_the_limit(requests):
    budget, now_s, spent = WeightBudget(60), 0.0, []
    for pause_s, weight in requests:
        now_s += pause_s
        now_s += budget.wait_s(weight, now_s)
        assert budget.wait_s(weight, now_s + 1e-6) == 0.0
        budget.spend(weight, now_s)
        spent.append((now_s, weight))
    for at_s, _ in spent:
        within = [w for other_s, w in spent if at_s - 60.0 + 1e-3 < other_s <= at_s]
        assert sum(within) <= 60


def test_what_the_exchange_counts_is_obeyed():
    budget = WeightBudget(60)
    budget.observe(CROWDED_WEIGHT - 1, 0.0)
    assert budget.wait_s(1, 0.0) == 0.0
    budget.observe(CROWDED_WEIGHT, 0.0)
    assert budget.wait_s(1, 5.0) == CROWDED_PAUSE_S - 5.0
    budget.close(100.0, 5.0)
    assert budget.wait_s(1, 5.0) == 100.0

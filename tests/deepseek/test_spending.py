import logging

import pytest

from core.model.verdict import Spent
from deepseek.spending import Spending

DAY_MS = 86_400_000
NOON_MS = 20_000 * DAY_MS + DAY_MS // 2


class Clock:
    def __init__(self):
        self.now_ms = NOON_MS

    def __call__(self):
        return self.now_ms


def spending(clock=None, *, daily_usd=1.0, daily_calls=10, spent=None):
    return Spending(
        daily_usd=daily_usd, daily_calls=daily_calls, utc_now_ms=clock or Clock(), spent=spent
    )


def pay(budget, usd, at_ms=NOON_MS):
    budget.reserve()
    budget.settle(at_ms, usd)


def test_what_is_used_adds_up_from_what_was_used_before():
    budget = spending(spent=Spent(0.25, 3))
    pay(budget, 0.5)
    assert budget.spent == Spent(0.75, 4)
    assert budget.in_words() == "$0.75 of $1.00 today"
    assert budget.refusal() == ""


def test_dollars_run_out():
    budget = spending(spent=Spent(0.5, 1))
    pay(budget, 0.5)
    assert budget.refusal() == "today's budget of $1.00 is spent"
    assert budget.in_words() == "100 % of today's budget used"


def test_calls_run_out():
    budget = spending(spent=Spent(0.0, 9))
    pay(budget, 0.0)
    assert budget.refusal() == "today's budget of 10 calls is spent"


@pytest.mark.parametrize("limits", [{"daily_usd": 0.0}, {"daily_calls": 0}])
def test_a_budget_of_nothing_lets_nothing_be_asked(limits):
    assert spending(**limits).refusal()


def test_a_call_under_way_is_reserved():
    budget = spending(spent=Spent(0.0, 9))
    budget.reserve()
    assert "under way" in budget.crowding()
    assert budget.refusal() == ""
    budget.settle(NOON_MS, 0.0)
    assert budget.spent.calls == 10


def test_a_call_under_way_may_cost_what_the_dearest_has_cost():
    budget = spending()
    pay(budget, 0.4)
    budget.reserve()
    assert budget.crowding() == ""
    budget.reserve()
    assert "under way" in budget.crowding()
    assert budget.refusal() == ""


def test_a_new_day_is_a_new_budget():
    clock = Clock()
    budget = spending(clock, spent=Spent(1.0, 10))
    assert budget.refusal()
    clock.now_ms += DAY_MS // 2 - 1
    assert budget.refusal()
    clock.now_ms += 1
    assert budget.refusal() == ""
    assert budget.spent == Spent()


def test_a_call_is_booked_on_the_day_it_was_asked():
    clock = Clock()
    budget = spending(clock)
    budget.reserve()
    clock.now_ms += DAY_MS
    budget.settle(NOON_MS, 0.9)
    assert budget.spent == Spent()


def test_a_clock_set_back_opens_no_new_budget():
    clock = Clock()
    budget = spending(clock, spent=Spent(1.0, 1))
    clock.now_ms -= 2 * DAY_MS
    assert budget.refusal()


def test_each_mark_is_logged_once_a_day(caplog):
    caplog.set_level(logging.WARNING)
    clock = Clock()
    budget = spending(clock)
    for expected, usd in ((0, 0.5), (1, 0.375), (1, 0.0625), (2, 0.0625), (2, 0.25)):
        pay(budget, usd)
        assert caplog.text.count("budget used") == expected
    clock.now_ms += DAY_MS
    pay(budget, 0.95, clock.now_ms)
    assert caplog.text.count("budget used") == 3

"""Success metrics against values worked out by hand, and properties they must have."""

import math
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.signal import Direction
from core.model.trade import Trade, TradeStatus
from core.signals.metrics import (
    daily_returns,
    max_drawdown,
    profit_factor,
    sharpe,
    success_bounds,
    success_metrics,
)
from tests.builders import START_MS
from tests.core.signals.metrics.builders import DAY_MS, closed, curve

results = st.lists(st.floats(-1e6, 1e6), max_size=30)
equities = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=60)


def test_a_worked_example():
    # Trades: +200, -100, +50, -50 -> won 250, lost 150.
    # Days: 10,000 -> 10,100 -> 9,999 -> 10,098.99: returns +1 %, -1 %, +1 %.
    trades = [
        closed(200.0, 2.0, 4.0),
        closed(-100.0, -1.0, 3.0),
        closed(50.0, 0.5, 2.0),
        closed(-50.0, -0.5, 1.0),
    ]
    metrics = success_metrics(
        trades, curve(10_100.0, 9_999.0, 10_098.99), signals=6, starting_equity=10_000.0
    )
    assert (metrics.signals, metrics.closed_trades) == (6, 4)
    assert metrics.win_rate == 0.5
    assert metrics.profit_factor == pytest.approx(250 / 150)
    assert metrics.expectancy_usd == 25.0
    assert metrics.expectancy_r == 0.25
    assert (metrics.fees_usd, metrics.net_pnl_usd) == (10.0, 100.0)
    # Mean 1/3 %, deviations 2/3, -4/3, 2/3 %: variance (4 + 16 + 4) / 9 / 2 = 4/3.
    assert metrics.sharpe == pytest.approx((1 / 3) / math.sqrt(4 / 3) * math.sqrt(365))
    assert metrics.max_drawdown == pytest.approx(101 / 10_100)


def test_without_trades_or_equity_nothing_is_claimed():
    metrics = success_metrics([], [], signals=0, starting_equity=1.0)
    assert (metrics.signals, metrics.closed_trades) == (0, 0)
    assert (metrics.fees_usd, metrics.net_pnl_usd) == (0.0, 0.0)
    assert metrics.win_rate is None
    assert metrics.profit_factor is None
    assert metrics.expectancy_usd is None
    assert metrics.expectancy_r is None
    assert metrics.sharpe is None
    assert metrics.max_drawdown is None


def test_trades_that_are_not_closed_do_not_count():
    pending = Trade(1, "BTCUSDT", Direction.LONG, TradeStatus.PENDING, 1.0, 0, 9.0, 12.0, 0)
    metrics = success_metrics([pending, closed(5.0, None)], [], signals=2, starting_equity=1.0)
    assert metrics.closed_trades == 1
    assert metrics.win_rate == 1.0
    assert metrics.expectancy_r is None


def test_breaking_even_is_not_a_win():
    metrics = success_metrics([closed(0.0, 0.0)], [], signals=1, starting_equity=1.0)
    assert metrics.win_rate == 0.0
    assert metrics.profit_factor is None


@pytest.mark.parametrize("equity", [0.0, -1.0, math.nan])
def test_a_starting_equity_that_is_no_money_is_refused(equity):
    with pytest.raises(ValueError, match="starting equity must be positive"):
        success_metrics([], [], signals=0, starting_equity=equity)


def test_profit_factor_is_unknown_without_a_loss_and_zero_without_a_gain():
    assert profit_factor([1.0, 2.0]) is None
    assert profit_factor([-1.0, -2.0]) == 0.0


def test_a_day_is_worth_what_its_last_point_says_midnight_included():
    points = curve(110.0, 90.0, 120.0, 121.0, step_ms=DAY_MS // 3)
    assert daily_returns(points, 100.0) == pytest.approx([0.2, 121 / 120 - 1])


def test_a_day_without_a_point_changes_nothing():
    points = [*curve(110.0), *curve(121.0, first_ms=START_MS + 2 * DAY_MS)]
    assert daily_returns(points, 100.0) == pytest.approx([0.1, 0.0, 0.1])


def test_returns_on_nothing_have_no_meaning():
    assert daily_returns(curve(0.0, 5.0), 100.0) == []
    assert daily_returns(curve(50.0, 0.0), 100.0) == [-0.5, -1.0]


def test_sharpe_is_unknown_before_the_second_day_and_when_all_days_are_alike():
    assert sharpe([]) is None
    assert sharpe([0.01]) is None
    assert sharpe([0.01, 0.01, 0.01]) is None


def test_drawdown_counts_from_the_starting_equity_and_from_the_highest_peak():
    assert max_drawdown(curve(80.0), 100.0) == pytest.approx(0.2)
    assert max_drawdown(curve(150.0, 120.0, 200.0, 150.0, 190.0), 100.0) == pytest.approx(0.25)
    assert max_drawdown(curve(101.0, 102.0), 100.0) == 0.0


@given(results, st.randoms(use_true_random=False))
def test_the_order_of_trades_does_not_matter(pnls, rng):
    trades = [closed(pnl, pnl / 10) for pnl in pnls]
    shuffled = rng.sample(trades, len(trades))
    first = success_metrics(trades, [], signals=0, starting_equity=1.0)
    second = success_metrics(shuffled, [], signals=0, starting_equity=1.0)
    assert first == second


@given(equities, st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_the_size_of_the_account_does_not_matter(values, factor):
    small, large = curve(*values), curve(*(factor * value for value in values))
    assert sharpe(daily_returns(small, 100.0)) == sharpe(daily_returns(large, factor * 100.0))
    assert max_drawdown(small, 100.0) == max_drawdown(large, factor * 100.0)


@given(equities)
def test_drawdown_is_a_fraction_and_equals_the_worst_pair_of_points(values):
    path = [100.0, *values]
    worst = max((high - low) / high for n, high in enumerate(path) for low in path[n:])
    assert max_drawdown(curve(*values), 100.0) == pytest.approx(worst)
    assert 0.0 <= worst <= 1.0


@given(st.lists(st.floats(-0.2, 0.2), min_size=2, max_size=50).filter(lambda r: stdev(r) > 1e-6))
def test_sharpe_is_the_textbook_formula(returns):
    assert sharpe(returns) == pytest.approx(fmean(returns) / stdev(returns) * 365**0.5)


def test_what_is_paid_beside_the_result_is_summed_up():
    trades = [closed(5.0, 0.5, 1.0, funding=2.5), closed(-5.0, -0.5, 1.0, funding=-1.0)]
    metrics = success_metrics(trades, [], signals=2, starting_equity=100.0, llm_usd=0.25)
    assert (metrics.funding_usd, metrics.llm_usd) == (1.5, 0.25)


def test_intervals_hold_the_figures_and_do_not_depend_on_the_order_of_trades():
    pnls = [(-1.0) ** n * (n + 1.0) + 2.0 for n in range(40)]
    trades = [closed(pnl, pnl / 10) for pnl in pnls]
    points = curve(*(1_000.0 + sum(pnls[: n + 1]) for n in range(40)))
    metrics = success_metrics(trades, points, signals=40, starting_equity=1_000.0)
    bounds = success_bounds(trades, points, starting_equity=1_000.0)
    for name in (
        "win_rate",
        "profit_factor",
        "expectancy_usd",
        "expectancy_r",
        "sharpe",
        "sortino",
    ):
        interval = getattr(bounds, name)
        assert interval.low < getattr(metrics, name) < interval.high
    assert success_bounds(trades[::-1], points, starting_equity=1_000.0) == bounds


def test_nine_trades_and_days_have_no_interval():
    trades = [closed(1.0 - n % 2 * 2, 1.0) for n in range(9)]
    bounds = success_bounds(trades, curve(*range(101, 110)), starting_equity=100.0)
    assert {getattr(bounds, name) for name in bounds.__slots__} == {None}

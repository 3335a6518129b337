"""The formulas against libraries that other people wrote: empyrical-reloaded and scipy."""

from importlib import import_module
from types import ModuleType

import numpy as np
import pytest

from core.signals.metrics.bootstrap import (
    bounds_of,
    mean_of_rows,
    sharpe_of_rows,
    sortino_of_rows,
)
from core.signals.metrics.calibration import rising, wilson
from core.signals.metrics.drawdown import max_drawdown
from core.signals.metrics.returns import calmar, daily_returns, sharpe, sortino
from tests.core.signals.metrics.builders import curve

# To import these libraries takes longer than all tests of this folder.
pytestmark = pytest.mark.simulator

DRAWS = np.random.default_rng(3)
RETURNS = [DRAWS.normal(drift, 0.02, days) for drift in (-0.002, 0.001) for days in (30, 200)]
many = pytest.mark.parametrize("returns", RETURNS, ids=len)


@pytest.fixture(scope="module")
def empyrical() -> ModuleType:
    return import_module("empyrical")


@pytest.fixture(scope="module")
def stats() -> ModuleType:
    return import_module("scipy.stats")


@pytest.fixture(scope="module")
def optimize() -> ModuleType:
    return import_module("scipy.optimize")


@many
def test_the_ratios_are_those_of_empyrical(empyrical, returns):
    values = returns.tolist()
    assert sharpe(values) == pytest.approx(empyrical.sharpe_ratio(returns, annualization=365))
    assert sortino(values) == pytest.approx(empyrical.sortino_ratio(returns, annualization=365))


@many
def test_drawdown_and_calmar_are_those_of_empyrical(empyrical, returns):
    points = curve(*(1_000.0 * np.cumprod(1.0 + returns)))
    found = daily_returns(points, 1_000.0)
    depth = max_drawdown(points, 1_000.0)
    assert found == pytest.approx(returns.tolist())
    assert depth == pytest.approx(-empyrical.max_drawdown(returns))
    assert calmar(found, depth) == pytest.approx(empyrical.calmar_ratio(returns, annualization=365))


@many
def test_a_row_of_a_resample_is_judged_as_a_curve_is(returns):
    rows = np.vstack([returns, returns[::-1] * 0.5])
    assert sharpe_of_rows(rows) == pytest.approx([sharpe(row.tolist()) for row in rows])
    assert sortino_of_rows(rows) == pytest.approx([sortino(row.tolist()) for row in rows])


@pytest.mark.parametrize("statistic", [mean_of_rows, sharpe_of_rows])
def test_the_interval_is_that_of_scipy_but_for_its_draws(stats, statistic):
    values = RETURNS[1]
    ours = bounds_of(values.tolist(), statistic)
    theirs = stats.bootstrap(
        (values,),
        lambda rows, axis: statistic(rows) if rows.ndim > 1 else statistic(rows[None])[0],
        n_resamples=2_000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours.low == pytest.approx(theirs.low, abs=0.1 * width)
    assert ours.high == pytest.approx(theirs.high, abs=0.1 * width)


@pytest.mark.parametrize(("hits", "count"), [(0, 1), (1, 1), (0, 10), (3, 10), (50, 100), (7, 7)])
def test_the_score_interval_is_that_of_scipy(stats, hits, count):
    theirs = stats.binomtest(hits, count).proportion_ci(0.95, method="wilson")
    ours = wilson(hits, count)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_rising_shares_are_the_isotonic_regression_of_scipy(optimize):
    for _ in range(20):
        shares, weights = DRAWS.uniform(0, 1, 10), DRAWS.integers(1, 50, 10)
        theirs = optimize.isotonic_regression(shares, weights=weights).x
        assert rising(shares.tolist(), weights.tolist()) == pytest.approx(theirs.tolist())

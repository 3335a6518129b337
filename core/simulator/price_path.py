"""A day of generated prices: regimes and volatility by the minute, noise by the second."""

from dataclasses import dataclass

import numpy as np

from core.model.candles import FloatArray
from core.simulator.seconds import DAY_MINUTES, MINUTE_S

# An ordinary minute's standard deviation; with spells and trends about 75 % a year.
BASE_SIGMA = 0.00085
_CLUSTER_MEMORY_MINUTES = 25.0
_CLUSTER_SPREAD = 0.30
_EVEN = 0.5  # chance of a rise
_SHOCKS_PER_DAY = 4.0
_SHOCK_DECAY_MINUTES = 8.0
_CALMEST, _WILDEST = -0.9, 1.3  # limits of log-volatility: no flash crash every week


@dataclass(frozen=True, slots=True)
class _Regime:
    """A way the market behaves for tens of minutes: its volatility, push and swing."""

    likelihood: float
    volatility: float
    push: float  # drift of a minute, in standard deviations of a base minute
    swing: float  # height of an oscillation around the middle, likewise


_REGIMES = (
    _Regime(0.42, 1.00, 0.28, 0.0),  # trend
    _Regime(0.33, 0.80, 0.00, 2.2),  # range
    _Regime(0.13, 1.90, 0.10, 0.0),  # volatile spell
    _Regime(0.12, 0.45, 0.00, 0.6),  # quiet
)


@dataclass(frozen=True, slots=True, eq=False)
class DayPath:
    """
    Attributes:
        log_price: Natural logarithm of the price; shape ``(86400,)``.
        shock: Standard normal behind each second's move; shape ``(1440, 60)``.
        sigma: Standard deviation of each minute's return; shape ``(1440,)``.
    """

    log_price: FloatArray
    shock: FloatArray
    sigma: FloatArray


def day_path(
    random: np.random.Generator, start_log: float, end_log: float, heat: tuple[float, float]
) -> DayPath:
    """
    Draw one day that begins and ends at given levels.

    Args:
        random: Source of the day; its state is the only thing the path depends on.
        start_log: Logarithm of the price at 00:00.
        end_log: Logarithm of the price at the next 00:00.
        heat: Log-volatility relative to normal, at the start and at the end of the day.
    """
    volatility, drift = _regimes(random)
    sigma = BASE_SIGMA * volatility * np.exp(np.linspace(*heat, DAY_MINUTES) + _clusters(random))
    shock = random.standard_normal((DAY_MINUTES, MINUTE_S))
    walk = shock * (sigma / np.sqrt(MINUTE_S))[:, None]
    # What is missing to the end level is spread where the market moves anyway.
    missing = end_log - start_log - float(walk.sum() + drift.sum())
    drift += missing * sigma / sigma.sum()
    walk += (drift / MINUTE_S)[:, None]
    walk[0, 0] += start_log
    np.cumsum(walk, out=walk.reshape(-1))
    return DayPath(walk.reshape(-1), shock, sigma)


def _regimes(random: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Cut the day into regimes; volatility factor and drift of each minute."""
    volatility, drift = np.empty(DAY_MINUTES), np.zeros(DAY_MINUTES)
    likelihood = np.cumsum([regime.likelihood for regime in _REGIMES])
    at = 0
    while at < DAY_MINUTES:
        length = int(min(max(random.lognormal(3.9, 0.55), 18.0), 240.0))
        regime = _REGIMES[int(np.searchsorted(likelihood, random.random() * likelihood[-1]))]
        part = slice(at, min(at + length, DAY_MINUTES))
        size = part.stop - part.start
        volatility[part] = regime.volatility
        push = regime.push * random.uniform(0.5, 1.4) * (1.0 if random.random() < _EVEN else -1.0)
        cycles = size / random.uniform(12.0, 30.0)
        phase = 2.0 * np.pi * (np.arange(size + 1) / size * cycles + random.uniform())
        drift[part] = BASE_SIGMA * (push + regime.swing * np.diff(np.sin(phase)))
        at = part.stop
    smooth = np.convolve(np.pad(volatility, 4, mode="edge"), np.full(9, 1 / 9), mode="valid")
    return smooth, drift


def _clusters(random: np.random.Generator) -> FloatArray:
    """Log-volatility that remembers itself, with sudden shocks that fade."""
    reach = int(4 * _CLUSTER_MEMORY_MINUTES)
    memory = np.exp(-np.arange(reach) / _CLUSTER_MEMORY_MINUTES)
    noise = random.standard_normal(DAY_MINUTES + reach - 1)
    clusters = _CLUSTER_SPREAD * np.convolve(noise, memory / np.linalg.norm(memory), "valid")
    minute = np.arange(DAY_MINUTES)
    for _ in range(int(random.poisson(_SHOCKS_PER_DAY))):
        age = minute - int(random.integers(DAY_MINUTES))
        jump = random.exponential(0.45)
        clusters += np.where(age >= 0, jump * np.exp(-np.abs(age) / _SHOCK_DECAY_MINUTES), 0.0)
    return np.clip(clusters, _CALMEST, _WILDEST)

"""The market's regime behind the candles, and in words what the newest one is judged by."""

import numpy as np

from core.indicators.regime import (
    REGIMES,
    RegimeParams,
    RegimeSeries,
    regime_memory,
    regimes,
)
from core.model.market_view import MarketView
from core.model.overlay import Overlay, Pane
from core.model.regime import Regime
from core.model.regime_fit import REGIME_LABELS, Fit, fitting, spoken
from core.model.shapes import Note, Ribbon, RibbonState, Shape, Tone

# The words count no further back, so that they do not depend on where the view begins.
_COUNTED_CANDLES = 64

_KEY = "market_regime"
_TONES = {
    Regime.TREND_UP: Tone.UP,
    Regime.TREND_DOWN: Tone.DOWN,
    Regime.RANGE: Tone.NEUTRAL,
    Regime.VOLATILE: Tone.WARNING,
    Regime.QUIET: Tone.QUIET,
}
_STATES = tuple(
    RibbonState(regime.value, REGIME_LABELS[regime], _TONES[regime]) for regime in REGIMES
)


def regime_shapes(view: MarketView, params: RegimeParams) -> tuple[Shape, ...]:
    """Return the ribbon, then what there is to say of the newest candle."""
    candles = view.candles
    found = regimes(candles.high, candles.low, candles.close, params)
    return (
        Ribbon("Regime", found.code, _STATES),
        Note("Regime", _words(found, params), view.known_ms),
    )


def _words(found: RegimeSeries, params: RegimeParams) -> str:
    code = int(found.code[-1]) if found.code.size else -1
    if code < 0:
        return f"{REGIME_LABELS[Regime.UNKNOWN]}: too few candles to judge by."
    regime = REGIMES[code]
    serves, misleads = fitting(regime, Fit.SERVES), fitting(regime, Fit.MISLEADS)
    advice = f" Enable {_listed(serves)}."
    if misleads:
        advice += f" Disable {_listed(misleads)}."
    return (
        f"{REGIME_LABELS[regime]} for {_age(found)}: ADX {found.adx[-1]:.0f}, "
        f"efficiency {found.efficiency[-1]:+.2f} and slope {found.slope_atr[-1]:+.2f} ATR per "
        f"candle over {params.reach} candles, more volatile than {found.volatility[-1]:.0%} of "
        f"the last {params.lookback}.{advice}"
    )


def _age(found: RegimeSeries) -> str:
    recent = found.code[-_COUNTED_CANDLES:]
    other = np.flatnonzero(recent != recent[-1])
    age = recent.size - 1 - int(other[-1]) if other.size else recent.size
    if age == _COUNTED_CANDLES:
        return f"{age} candles or more"
    return "1 candle" if age == 1 else f"{age} candles"


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(spoken(key) for key in keys if key != _KEY)


OVERLAY = Overlay(
    key=_KEY,
    title="Market Regime",
    pane=Pane.PRICE,
    explanation=(
        "What kind of market each candle belongs to: trend up, trend down, range, volatile or "
        "quiet. A trend begins where ADX is at least 25 and price has gone its way directly "
        "(efficiency 0.25) and steeply (0.04 average ranges per candle), and ends where ADX is "
        "below 20 or the way has become aimless. Without a trend the market is volatile "
        "where its average true range is above 85 % of those of the last 240 candles, quiet "
        "where it is below 85 % of them, and otherwise a range. A regime must hold for 6 "
        "candles before it is believed, so it is known a few candles after it began and is "
        "never revised; for as long, and between the thresholds where the last clear word "
        "stands, a regime may disagree with the newest efficiency and slope. It describes what "
        "has been; it does not say how long it will last."
    ),
    source=(
        "ADX of J. W. Wilder (1978) with his weights cut off after 128 candles, efficiency of "
        "P. J. Kaufman (1995), slope by A. Wald's method of halves (1940); thresholds and "
        "hysteresis are this program's own"
    ),
    defaults=RegimeParams(),
    compute=regime_shapes,
    warm_up_candles=lambda params, interval: regime_memory(params) + _COUNTED_CANDLES,
)

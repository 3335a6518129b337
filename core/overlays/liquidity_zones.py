"""Liquidity Zones on the chart: where equal highs and equal lows have gathered stop orders."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.indicators.equal_levels import EqualLevels, LevelRules, equal_levels
from core.indicators.level_lives import Ending
from core.indicators.liquidity import SWEEP_MEMORY_CANDLES
from core.indicators.mirrored_market import PriceRows
from core.model.candles import CandleSeries
from core.model.events import NEVER_MS, Zones
from core.model.market_view import MarketView
from core.model.overlay import Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Shape

# A level of one price would be too thin to see; a tenth of a candle is not.
_LEAST_HEIGHT_ATR = 0.1
_LIVE = int(Ending.LIVE)
_EVENTS = tuple(
    (ending.name.lower(), int(ending))
    for ending in (Ending.SWEPT, Ending.MITIGATED, Ending.MERGED, Ending.EXPIRED)
)


@dataclass(frozen=True, slots=True)
class LiquidityZonesParams(Bounded):
    """Of the zones."""

    swing_candles: int = parameter(5, 3, 20, "candles", "on each side of a swing")
    tolerance_atr: float = parameter(
        0.3, 0.02, 2.0, "mean true ranges", "farthest that equal swings are apart"
    )
    lookback_candles: int = parameter(
        360, 20, 480, "candles", "from the first to the newest swing of a zone, at most"
    )
    life_candles: int = parameter(600, 50, 720, "candles", "after which a zone expires")


def liquidity_zones(view: MarketView, params: LiquidityZonesParams) -> tuple[Shape, ...]:
    """Return the zones above equal highs, then those below equal lows."""
    candles = view.candles
    market = PriceRows(
        candles.open_time_ms // candles.interval.duration_ms,
        candles.high,
        candles.low,
        candles.close,
        candles.volume,
    )
    above, below = equal_levels(market, _rules(params))
    return (
        _zones("Buy-side liquidity", -1, candles, above),
        _zones("Sell-side liquidity", 1, candles, below),
    )


def _zones(name: str, side: int, candles: CandleSeries, levels: EqualLevels) -> Zones:
    """Turn rows into times; the moment a life ended is also that of the event that ended it."""
    last_ms = candles.interval.duration_ms - 1
    open_ms = candles.open_time_ms
    ended_ms = np.where(levels.ending == _LIVE, NEVER_MS, open_ms[levels.ended] + last_ms)
    moments_ms = np.full((len(Ending), ended_ms.size), NEVER_MS)
    moments_ms[levels.ending, np.arange(ended_ms.size)] = ended_ms
    events = {name: moments_ms[ending] for name, ending in _EVENTS}
    return Zones(
        name,
        np.full(ended_ms.size, side, dtype=np.int8),
        open_ms[levels.first],
        open_ms[levels.known] + last_ms,
        ended_ms,
        levels.low,
        levels.high,
        levels.strength,
        MappingProxyType(events),
    )


def _warm_up(params: LiquidityZonesParams) -> int:
    """A zone lives ``life_candles`` after what it was made from; its sweep is told for longer."""
    return params.life_candles + _rules(params).memory + SWEEP_MEMORY_CANDLES


def _rules(params: LiquidityZonesParams) -> LevelRules:
    return LevelRules(
        params.swing_candles,
        params.tolerance_atr,
        _LEAST_HEIGHT_ATR,
        params.lookback_candles,
        params.life_candles,
    )


OVERLAY = Overlay(
    key="liquidity_zones",
    title="Liquidity Zones",
    pane=Pane.PRICE,
    explanation=(
        "Where the market has turned two or more times at almost one price, many traders keep "
        "their stop orders just beyond: above equal highs stops that buy, below equal lows stops "
        "that sell. A zone spans the swings that are equal within a fraction of the mean range of "
        "a candle and is known when its newest swing is, a few candles after that swing. Its "
        "strength, from 0 to 1, grows with the number of swings and with the volume that was "
        "traded at them. A zone ends when it is swept (a candle trades beyond it and closes "
        "back), mitigated (a candle closes beyond it), merged into a newer zone that has one of "
        "its swings, or expired. Zones say where orders are likely to rest, not which way price "
        "will go; the orders themselves are not seen. Candles that are missing are never "
        "guessed: no zone is made across a hole, and a zone that was there before it is "
        "followed by the candles after it."
    ),
    source=(
        "Equal highs and lows of the smart-money school; the tolerance in mean true ranges over "
        "50 candles, the score and the limits in time are this dashboard's own"
    ),
    defaults=LiquidityZonesParams(),
    compute=liquidity_zones,
    warm_up_candles=lambda params, interval: _warm_up(params),
)

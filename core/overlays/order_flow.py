"""Order flow under the chart: delta, what it adds up to in the day, and where it failed."""

from dataclasses import dataclass

import numpy as np

from core.indicators.order_flow import (
    AbsorptionRules,
    RowArray,
    absorbed_takers,
    divergences,
    taker_delta,
)
from core.indicators.sessions import bars_per_day, sessions
from core.indicators.trades_seen import absorption_prices, delta_of_trades
from core.model.candles import CandleSeries, FloatArray
from core.model.events import Look, Markers
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shape_columns import SignArray
from core.model.shapes import Bars, Line, Note, Shape, Tone

# The note counts within a stretch of its own, so it does not depend on the window.
_NOTE_CANDLES = 100
_EQUAL = 1e-6


@dataclass(frozen=True, slots=True)
class OrderFlowParams(Bounded):
    """Of what is marked."""

    period: int = parameter(50, 10, 500, "candles", "with which a candle is compared")
    least_z: float = parameter(2.0, 1.0, 6.0, "deviations", "of an absorbed candle's imbalance")
    least_volume: float = parameter(
        1.2, 0.5, 10.0, "mean volumes", "of an absorbed candle, at least"
    )
    most_progress: float = parameter(
        0.15, 0.0, 1.0, "mean true ranges", "of an absorbed candle from open to close, at most"
    )
    divergence_period: int = parameter(
        30, 10, 500, "candles", "whose extreme a divergence goes beyond"
    )


def order_flow_shapes(view: MarketView, params: OrderFlowParams) -> tuple[Shape, ...]:
    """
    Return delta, its sum since midnight UTC, what was seen live, the markers and a note.

    Nothing that comes from candles is changed by what was seen of single trades.
    """
    candles = view.candles
    delta = taker_delta(candles.volume, candles.taker_buy_volume)
    days = sessions(candles.open_time_ms, candles.interval)
    seen = delta_of_trades(candles, view.known_flow())
    shapes: tuple[Shape, ...] = (
        Bars("Delta", delta, _sign(delta)),
        Line("Cumulative delta", days.running_sum(delta), own_scale=True),
        Bars("Delta of trades seen", seen, _sign(seen), Tone.QUIET),
        *_absorption(view, delta, seen, params),
        *_divergence(candles, delta, params.divergence_period),
    )
    if len(candles) == 0:
        return shapes
    text = _in_words(candles.volume[-_NOTE_CANDLES:], delta[-_NOTE_CANDLES:], seen[-_NOTE_CANDLES:])
    if not days.known[-1]:
        text += (
            " Candles of this UTC day are missing, so cumulative delta is not known before the "
            "next midnight."
        )
    return (*shapes, Note("Order flow", text, view.known_ms))


def _absorption(
    view: MarketView, delta: FloatArray, seen: FloatArray, params: OrderFlowParams
) -> tuple[Shape, ...]:
    candles = view.candles
    rules = AbsorptionRules(
        params.period, params.least_z, params.least_volume, params.most_progress
    )
    rows, side = absorbed_takers(candles, delta, rules)
    bought, sold = rows[side > 0], rows[side < 0]
    price = absorption_prices(candles, rows, side, view.known_footprints())
    # The trades themselves must lean as the candle says that they did.
    kept = (~np.isnan(price) & (seen[rows] * side > 0.0)).nonzero()[0]
    return (
        _marks("Buying absorbed", candles, bought, candles.high[bought], -1),
        _marks("Selling absorbed", candles, sold, candles.low[sold], 1),
        _marks("Absorbed at this price", candles, rows[kept], price[kept], -side[kept]),
    )


def _divergence(candles: CandleSeries, delta: FloatArray, period: int) -> tuple[Shape, ...]:
    tops, high_before = divergences(candles.high, delta, candles.volume, period, 1)
    bottoms, low_before = divergences(candles.low, delta, candles.volume, period, -1)
    at_bottom, at_top = candles.low[bottoms], candles.high[tops]
    return (
        _marks("Bullish divergence", candles, bottoms, at_bottom, 1, low_before),
        _marks("Bearish divergence", candles, tops, at_top, -1, high_before),
    )


def _marks(
    name: str,
    candles: CandleSeries,
    rows: RowArray,
    price: FloatArray,
    side: SignArray | int,
    from_rows: RowArray | None = None,
) -> Markers:
    at_ms = candles.open_time_ms[rows]
    return Markers(
        name,
        Look.DIAMOND if from_rows is None else Look.ARROW,
        np.full(rows.size, side, dtype=np.int8),
        at_ms,
        at_ms + (candles.interval.duration_ms - 1),
        price,
        None if from_rows is None else candles.open_time_ms[from_rows],
    )


def _in_words(volume: FloatArray, delta: FloatArray, seen: FloatArray) -> str:
    """Say where delta comes from, and how far the two sources differ where there are both."""
    both = ~np.isnan(seen) & ~np.isnan(delta)
    count, of = int(both.sum()), f"the newest {volume.size} candles"
    if count == 0:
        return f"Delta from klines. No trades were seen live for a whole one of {of}."
    traded = np.maximum(volume[both], np.abs(seen[both]))
    apart = np.abs(seen[both] - delta[both])
    most = float(np.max(np.divide(apart, traded, out=np.zeros(count), where=traded > 0.0)))
    # Sums of decimals in two orders differ in the last digits.
    differ = f"differ by at most {most:.2%} of a candle's volume" if most > _EQUAL else "are equal"
    return f"Delta from klines. Trades were seen live for {count} of {of}; there the two {differ}."


def _sign(values: FloatArray) -> SignArray:
    """+1, -1, or 0 where it is nil or not known."""
    return (values > 0.0).view(np.int8) - (values < 0.0).view(np.int8)


def _warm_up(params: OrderFlowParams, interval: Interval) -> int:
    marked = max(params.period + 1, params.divergence_period - 1)
    return max(bars_per_day(interval) - 1, marked, _NOTE_CANDLES - 1)


OVERLAY = Overlay(
    key="order_flow",
    title="Order Flow",
    pane=Pane.OSCILLATOR,
    explanation=(
        "Delta is what takers bought less what they sold in a candle: twice the taker buy "
        "volume less the volume, as the exchange's klines tell it. Its sum since midnight UTC "
        "is left out for a day of which a candle is missing. Buying is marked as absorbed "
        "where takers bought on balance, at least 2 standard deviations more one-sidedly than "
        "the mean of 50 candles, in at least 1.2 times their mean volume, and price gained no more "
        "than 0.15 of their mean true range: someone sold to them all. A bearish divergence is a "
        "new high of 30 candles since whose earlier high takers sold on balance, at least a "
        "twentieth of the volume. Selling and bullish divergences are the mirror image. "
        "Where trades were seen live, their own delta is drawn beside, and an absorption is "
        "also marked at the price where most was taken; such marks last as long as the "
        "trades are remembered and change nothing that comes from klines. All is known at "
        "the candle's close, and describes rather than foretells. Klines do not tell at which "
        "price of the candle who traded."
    ),
    source=(
        "Taker volume of Binance klines and aggregate trades; thresholds are the project's "
        "own, divergence between the two latest extremes of a window"
    ),
    defaults=OrderFlowParams(),
    compute=order_flow_shapes,
    warm_up_candles=_warm_up,
)

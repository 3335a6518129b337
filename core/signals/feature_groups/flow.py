"""Who pushed, in what volume, and what of it was seen live."""

import math
from functools import partial

import numpy as np

from core.indicators.averages import relative_volume
from core.indicators.order_flow import imbalance_z, taker_imbalance
from core.indicators.trades_seen import newest_reading
from core.model.features import FeatureGroup, FeatureSpec
from core.model.intervals import MINUTE_MS, Interval
from core.signals.feature_input import FeatureFamily, FeatureInput, newest, ratio, within

_FLOW_CANDLES = 20
_Z_CANDLES = 50
_MOST_Z = math.sqrt(_Z_CANDLES - 1)  # a value is one of those it is compared with
# Of an event longer ago nobody would say that it still weighs.
_EVENT_MEMORY_CANDLES = 120


def _flow(seen: FeatureInput) -> dict[str, float]:
    volume = seen.candles.volume[-1 - _FLOW_CANDLES :]
    return {
        "taker_buy_share": _share(seen, 1),
        "delta_ratio_20": 2.0 * _share(seen, _FLOW_CANDLES) - 1.0,
        "day_delta_ratio": _day_delta_ratio(seen),
        "imbalance_z_50": _imbalance_z(seen),
        "relative_volume_20": newest(relative_volume(volume, _FLOW_CANDLES)),
        "relative_trade_size_20": _relative_trade_size(seen),
        **_event(seen, "absorption", ("Buying absorbed", "Selling absorbed")),
        **_event(seen, "divergence", ("Bullish divergence", "Bearish divergence")),
        **_heard(seen),
    }


def _share(seen: FeatureInput, n: int) -> float:
    """Share of the volume of the last ``n`` candles that takers bought."""
    bought, volume = seen.candles.taker_buy_volume[-n:], seen.candles.volume[-n:]
    if volume.size < n:
        return math.nan
    return within(ratio(float(bought.sum()), float(volume.sum())), 0.0, 1.0)


def _day_delta_ratio(seen: FeatureInput) -> float:
    """Cumulative delta as drawn, which is not known after a hole, over the volume it is of."""
    candles = seen.candles
    midnight_ms = Interval.D1.open_time_ms(int(candles.open_time_ms[-1]))
    today = candles.volume[np.searchsorted(candles.open_time_ms, midnight_ms) :]
    delta = seen.value("order_flow", "Cumulative delta")
    return within(ratio(delta, float(today.sum())), -1.0, 1.0)


def _imbalance_z(seen: FeatureInput) -> float:
    volume = seen.candles.volume[-_Z_CANDLES:]
    if not float(volume.sum()) > 0.0:
        return math.nan
    imbalance = taker_imbalance(volume, seen.candles.taker_buy_volume[-_Z_CANDLES:])
    return within(newest(imbalance_z(imbalance, _Z_CANDLES)), -_MOST_Z, _MOST_Z)


def _relative_trade_size(seen: FeatureInput) -> float:
    """Mean trade of the candle in units of the mean trade of those before it."""
    volume, trades = (c[-1 - _FLOW_CANDLES :] for c in (seen.candles.volume, seen.candles.trades))
    if volume.size <= _FLOW_CANDLES:
        return math.nan
    size = ratio(float(volume[-1]), float(trades[-1]))
    usual = ratio(float(volume[:-1].sum()), float(trades[:-1].sum()))
    return ratio(size, usual)


def _event(seen: FeatureInput, name: str, tables: tuple[str, str]) -> dict[str, float]:
    mark = seen.last_mark("order_flow", tables, _EVENT_MEMORY_CANDLES)
    return {
        f"{name}_side": math.nan if mark is None else float(mark.side),
        f"{name}_age_candles": math.nan if mark is None else float(mark.age_candles),
    }


def _heard(seen: FeatureInput) -> dict[str, float]:
    reading = newest_reading(seen.candles, seen.view.known_flow())
    minutes = seen.candles.interval.duration_ms // MINUTE_MS
    heard = reading.minutes_heard
    return {
        "heard_share": heard / minutes if heard else math.nan,
        "book_imbalance_mean": reading.book_mean,
        "book_imbalance_last": reading.book_last,
        "spread_bps": reading.spread_bps,
        "seen_trade_size": reading.trade_size * seen.close,
    }


_spec = partial(FeatureSpec, FeatureGroup.FLOW)
_LIVE = "heard live"

FLOW = FeatureFamily(
    FeatureGroup.FLOW,
    (
        _spec("taker_buy_share", "share", 0, 1, "candles", "of the volume that takers bought"),
        _spec(
            "delta_ratio_20", "share", -1, 1, "candles", "net taker buying of 20 candles by volume"
        ),
        _spec(
            "day_delta_ratio",
            "share",
            -1,
            1,
            "order_flow",
            "cumulative delta of the UTC day over its volume",
        ),
        _spec(
            "imbalance_z_50",
            "deviations",
            -_MOST_Z,
            _MOST_Z,
            "candles",
            "how unusual the taker imbalance is among 50 candles",
        ),
        _spec(
            "relative_volume_20",
            "ratio",
            0,
            None,
            "candles",
            "volume to the mean of 20 candles before",
        ),
        _spec(
            "relative_trade_size_20",
            "ratio",
            0,
            None,
            "candles",
            "mean trade to that of 20 candles before",
        ),
        *(
            spec
            for name, what in (
                ("absorption", "takers who were absorbed: -1 where buyers were"),
                ("divergence", "divergence of price and delta: -1 at a top"),
            )
            for spec in (
                _spec(f"{name}_side", "direction", -1, 1, "order_flow", f"newest {what}"),
                _spec(
                    f"{name}_age_candles",
                    "candles",
                    0,
                    _EVENT_MEMORY_CANDLES,
                    "order_flow",
                    f"since the newest {name}, 0 for just now",
                ),
            )
        ),
        _spec("heard_share", "share", 0, 1, _LIVE, "of the candle's minutes that were heard"),
        _spec(
            "book_imbalance_mean",
            "share",
            -1,
            1,
            _LIVE,
            "bids less asks at the best prices, mean of the candle",
        ),
        _spec(
            "book_imbalance_last",
            "share",
            -1,
            1,
            _LIVE,
            "bids less asks at the best prices at the candle's end",
        ),
        _spec(
            "spread_bps",
            "basis points",
            0,
            None,
            _LIVE,
            "best ask less best bid, mean of the candle",
        ),
        _spec(
            "seen_trade_size", "quote currency", 0, None, _LIVE, "mean single trade of the candle"
        ),
    ),
    _flow,
)

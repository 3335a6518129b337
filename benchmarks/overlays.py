"""
Overlays over a month of minutes and over the tail that a live bar needs, on recorded candles.

TA-Lib runs between our turns: what its own functions for five of the same things take is the
floor. Libraries that people would otherwise use are measured too where they are installed.
"""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import talib

from core.config import REPOSITORY
from core.data.fold import fold
from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay
from core.overlays import companions, load_overlays

RECORDED = REPOSITORY.parent / "shared/data/ohlcv/um_perp/BTCUSDT_1m_20250504_20250624.parquet"
MONTH, TAIL = 43_200, 1_500
TURNS = 25
PEER_TURNS = 3  # they take seconds


def measure() -> dict[str, float]:
    """Return medians, all of them of one run."""
    if not RECORDED.exists():
        print(f"  overlays are not measured: {RECORDED} is absent")
        return {}
    overlays = load_overlays()
    six = {key: o for key, o in overlays.items() if o.group is Group.MAIN}
    minutes = _recorded(RECORDED)
    month, tail = (_view(minutes, rows, overlays) for rows in (MONTH, TAIL))
    structure = {"smart_money": overlays["smart_money"]}
    figures: dict[str, float] = {}
    for name, view in (("43200", month), ("1500", tail)):
        figures |= _medians(
            {
                f"overlays_{name}_ms": lambda: _draw(six, view),  # noqa: B023 - called at once
                f"talib_five_{name}_ms": lambda: _talib(view.candles),  # noqa: B023 - likewise
            },
            TURNS,
        )
    figures |= _medians({"smart_money_43200_ms": lambda: _draw(structure, month)}, TURNS)
    figures |= _medians({"all_overlays_1500_ms": lambda: _draw(overlays, tail)}, TURNS)
    return figures | _medians(_peers(month.candles), PEER_TURNS)


def _draw(overlays: Mapping[str, Overlay[Any]], view: MarketView) -> None:
    for overlay in overlays.values():
        overlay.compute(view, overlay.defaults)


def _view(minutes: CandleSeries, rows: int, overlays: Mapping[str, Overlay[Any]]) -> MarketView:
    """The newest minutes, and what their overlays ask for before the first of them."""
    candles = minutes.tail(rows)
    first_ms = int(candles.open_time_ms[0])
    others = {}
    for interval, bars in companions(overlays.values()).items():
        if interval is not Interval.M1:
            start_ms = interval.open_time_ms(first_ms) - bars * interval.duration_ms
            others[interval] = fold(minutes, interval).between(start_ms, None)
    return MarketView(candles, others)


def _talib(candles: CandleSeries) -> None:
    """Run what TA-Lib has of them: the figures of PERFORMANCE.md name the same five."""
    high, low, close = candles.high, candles.low, candles.close
    talib.ATR(high, low, close, 14)
    talib.ADX(high, low, close, 14)
    talib.EMA(close, 200)
    talib.SUPERTREND(high, low, close, 10, 3.0)
    talib.MAX(high, 22)
    talib.MIN(low, 22)
    talib.ATR(high, low, close, 22)


def _peers(candles: CandleSeries) -> dict[str, Callable[[], object]]:
    """The usual packages, as far as they are here; nothing of ours needs them."""
    found: dict[str, Callable[[], object]] = {}
    if find_spec("pandas") is None:
        return found
    frame = _frame(candles)
    if find_spec("smartmoneyconcepts") is not None:
        from smartmoneyconcepts import smc  # noqa: PLC0415 - where it is installed

        def structure() -> None:
            swings = smc.swing_highs_lows(frame, swing_length=5)
            smc.fvg(frame)
            smc.bos_choch(frame, swings)
            smc.ob(frame, swings)

        found["peer_smartmoneyconcepts_43200_ms"] = structure
    if find_spec("pandas_ta_classic") is not None:
        import pandas_ta_classic  # noqa: PLC0415 - likewise

        high, low, close = frame["high"], frame["low"], frame["close"]

        def classic() -> None:
            pandas_ta_classic.supertrend(high, low, close, length=10, multiplier=3.0)
            pandas_ta_classic.atr(high, low, close, length=14)
            pandas_ta_classic.adx(high, low, close, length=14)

        found["peer_pandas_ta_43200_ms"] = classic
    return found


def _frame(candles: CandleSeries) -> Any:
    import pandas as pd  # noqa: PLC0415 - only beside peers

    names = ("open", "high", "low", "close", "volume")
    columns = {name: np.array(getattr(candles, name)) for name in names}
    return pd.DataFrame(columns, index=pd.to_datetime(candles.open_time_ms, unit="ms"))


def _medians(actions: Mapping[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Milliseconds of each, turn about, after one turn that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(turns + 1):
        for name, action in actions.items():
            started = perf_counter()
            action()
            if turn:
                taken[name].append(1e3 * (perf_counter() - started))
    return {name: median(values) for name, values in taken.items()}


def _recorded(file: Path) -> CandleSeries:
    """Recorded candles; the files lack who took, so that is made up."""
    table = pq.read_table(file, partitioning=None)
    column = {name: np.array(table[name].to_numpy()) for name in table.column_names}
    volume, close = column["volume"], column["close"]
    buy = volume * np.random.default_rng(1).uniform(0.2, 0.8, volume.size)
    return CandleSeries(
        "BTCUSDT",
        Interval.M1,
        column["open_time"].astype(np.int64),
        column["open"],
        column["high"],
        column["low"],
        close,
        volume,
        volume * close,
        np.ones(volume.size, dtype=np.int64),
        buy,
        buy * close,
    )

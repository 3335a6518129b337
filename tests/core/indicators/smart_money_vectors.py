"""What smartmoneyconcepts answers, row for row; it writes with hindsight."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from core.config import REPOSITORY
from core.model.candles import CandleSeries
from core.model.intervals import Interval
from tests.core.real_markets import PERPETUALS

FOLDER = REPOSITORY.parent / "shared" / "data" / "smc"
needs_vectors = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the shared data set is not beside this checkout"
)
SWING_STRENGTH = 5
"""The ``swing_length`` of all of them."""


@dataclass(frozen=True)
class Answers:
    """
    Candles and what the reference says of each; NaN where it says nothing.

    Attributes:
        rounding: Relative error of its levels of breaks, which it may keep in float32.
    """

    candles: CandleSeries
    columns: dict[str, np.ndarray]
    rounding: float

    def at(self, name: str) -> np.ndarray:
        """Rows where a column says something."""
        return np.flatnonzero(~np.isnan(self.columns[name]))


@cache
def eurusd() -> Answers:
    """EURUSD in 15m; the reference knows no weekends, so the candles are set side by side."""
    prices = _table("EURUSD_15M.csv.gz")
    gaps, joined = _table("fvg_result_data.csv.gz"), _table("fvg_consecutive_result_data.csv.gz")
    swings, breaks = (
        _table("swing_highs_lows_result_data.csv.gz"),
        _table("bos_choch_result_data.csv.gz"),
    )
    columns = {
        **_renamed("fvg", gaps, "FVG", "Top", "Bottom", "MitigatedIndex"),
        **_renamed("joined", joined, "FVG", "Top", "Bottom", "MitigatedIndex"),
        "swing": swings["HighLow"],
        **_breaks(*(breaks[name] for name in ("BOS", "CHOCH", "Level", "BrokenIndex"))),
    }
    names = ("Open", "High", "Low", "Close")
    return Answers(side_by_side(*(prices[name] for name in names)), columns, rounding=0.0)


@cache
def btcusdt() -> Answers:
    """BTCUSDT in 15m of a spring."""
    stretch = "BTCUSDT_15m_20250306_20250413.parquet"
    prices, said = (
        _columns(pq.read_table(PERPETUALS / stretch)),
        _columns(pq.read_table(FOLDER / f"SMC_{stretch}")),
    )
    gap_names = ("fvg_fvg", "fvg_top", "fvg_bottom", "fvg_mitigatedindex")
    break_names = ("bos5_bos", "bos5_choch", "bos5_level", "bos5_brokenindex")
    columns = {
        **_renamed("fvg", said, *gap_names),
        "swing": said["swing5_highlow"],
        **_breaks(*(said[name] for name in break_names)),
    }
    names = ("open", "high", "low", "close")
    float32 = float(np.finfo(np.float32).eps)
    return Answers(side_by_side(*(prices[name] for name in names)), columns, rounding=float32)


def side_by_side(
    open_: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray
) -> CandleSeries:
    """Candles of 15m without holes."""
    n = close.size
    times = np.arange(n, dtype=np.int64) * Interval.M15.duration_ms
    flow = [np.ones(n) for _ in range(4)]
    return CandleSeries(
        "TEST",
        Interval.M15,
        times,
        *(np.array(column) for column in (open_, high, low, close)),
        flow[0],
        flow[1],
        np.ones(n, dtype=np.int64),
        flow[2],
        flow[3],
    )


def _table(name: str) -> dict[str, np.ndarray]:
    return _columns(pa.csv.read_csv(FOLDER / name))


def _columns(table: pa.Table) -> dict[str, np.ndarray]:
    return {
        name: table[name].cast(pa.float64()).to_numpy()
        for name in table.column_names
        if pa.types.is_floating(table[name].type) or pa.types.is_integer(table[name].type)
    }


def _renamed(prefix: str, table: dict[str, np.ndarray], *names: str) -> dict[str, np.ndarray]:
    said = (f"{prefix}_{what}" for what in ("side", "top", "bottom", "mitigated"))
    return {name: table[old] for name, old in zip(said, names, strict=True)}


def _breaks(
    bos: np.ndarray, choch: np.ndarray, level: np.ndarray, row: np.ndarray
) -> dict[str, np.ndarray]:
    said = ~np.isnan(level)
    return {
        "break_side": np.where(said, np.where(np.isnan(bos), choch, bos), np.nan),
        "break_turns": np.where(said, ~np.isnan(choch), np.nan),
        "break_level": level,
        "break_row": np.where(said, row, np.nan),
    }

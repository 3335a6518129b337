from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.data.fold import fold, fold_running, join
from core.data.merge import picked
from core.model.candles import FLOW_COLUMNS, PRICE_COLUMNS, VALUE_COLUMNS, Candle, CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle, candles, random_walk

SPOT = REPOSITORY.parent / "shared" / "data" / "ohlcv" / "spot"
SMALL = REPOSITORY.parent / "shared" / "data" / "ohlcv" / "spot_small"
UM_PERP = REPOSITORY.parent / "shared" / "data" / "ohlcv" / "um_perp"


def brute(minutes: list[Candle], interval: Interval) -> list[Candle]:
    buckets: dict[int, list[Candle]] = {}
    for minute in minutes:
        buckets.setdefault(interval.open_time_ms(minute.open_time_ms), []).append(minute)
    return [
        Candle(
            open_ms,
            part[0].open,
            max(c.high for c in part),
            min(c.low for c in part),
            part[-1].close,
            **{name: sum(getattr(c, name) for c in part) for name in FLOW_COLUMNS},
        )
        for open_ms, part in buckets.items()
        if len(part) == interval.duration_ms // MINUTE_MS
    ]


def assert_same(ours: Candle, theirs: Candle) -> None:
    for name in ("open_time_ms", "open", "high", "low", "close", "trades"):
        assert getattr(ours, name) == getattr(theirs, name), name
    for name in FLOW_COLUMNS:
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9), name


@given(
    st.integers(0, 70),
    st.integers(0, 40),
    st.sets(st.integers(0, 69), max_size=3),
    st.sampled_from([Interval.M5, Interval.M15, Interval.H1]),
)
def test_folding_equals_brute_force_and_never_guesses(n, offset, removed, interval):
    walk = random_walk(n, start_ms=START_MS + offset * MINUTE_MS)
    kept = picked(walk, np.array([i not in removed for i in range(n)], dtype=np.bool_))
    ours = list(fold(kept, interval))
    theirs = brute(list(kept), interval)
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert_same(mine, other)


@given(st.integers(1, 75), st.booleans())
def test_the_running_bar_is_its_minutes_joined(n, between_minutes):
    walk = random_walk(n)
    closed = n if between_minutes else n - 1
    running = None if between_minutes else walk.candle(n - 1)
    interval = Interval.H1
    bar_ms = interval.open_time_ms(int(walk.open_time_ms[n - 1]))
    ours = fold_running(walk.head(closed).between(bar_ms, None), running, interval)
    assert ours is not None
    minutes = [c for c in walk if c.open_time_ms >= bar_ms]
    assert (ours.open, ours.close) == (minutes[0].open, minutes[-1].close)
    assert (ours.high, ours.low) == (max(c.high for c in minutes), min(c.low for c in minutes))
    assert ours.volume == pytest.approx(sum(c.volume for c in minutes), rel=1e-9)


def test_a_running_bar_with_a_missing_minute_is_unknown():
    minutes = candles([1, 2, 3])
    later = candle(START_MS + 4 * MINUTE_MS)
    assert fold_running(minutes, later, Interval.M5) is None
    late_start = candles([2, 3], start_ms=START_MS + MINUTE_MS)
    assert fold_running(late_start, None, Interval.M5) is None
    assert fold_running(CandleSeries.empty("X", Interval.M1), None, Interval.M5) is None


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])
def test_folded_minutes_equal_the_exchange_s_own_5m_bars(symbol):
    paths = [*UM_PERP.glob(f"{symbol}_1m_*.parquet"), *UM_PERP.glob(f"{symbol}_5m_20250525_*")]
    if len(paths) != 2:
        pytest.skip(f"no recorded candles of {symbol} in {UM_PERP}")
    minutes, native = (pq.ParquetFile(path).read(use_threads=False) for path in paths)
    columns = {name: minutes[name].to_numpy().copy() for name in minutes.column_names}
    zero = np.zeros(minutes.num_rows)
    series = CandleSeries(
        symbol,
        Interval.M1,
        columns["open_time"],
        columns["open"],
        columns["high"],
        columns["low"],
        columns["close"],
        columns["volume"],
        zero,
        zero.astype(np.int64),
        zero,
        zero.copy(),
    )
    times = native["open_time"].to_numpy()
    ours = fold(series, Interval.M5).between(int(times[0]), int(times[-1]))
    np.testing.assert_array_equal(ours.open_time_ms, times)
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(ours, name), native[name].to_numpy())
    np.testing.assert_allclose(ours.volume, native["volume"].to_numpy(), rtol=1e-9)


def file_of(folder: Path, symbol: str, interval: Interval) -> CandleSeries:
    paths = sorted(folder.glob(f"{symbol}_{interval}_*.parquet"))
    if len(paths) != 1:
        pytest.skip(f"no recorded {interval} candles of {symbol} in {folder}")
    table = pq.ParquetFile(paths[0]).read(use_threads=False)
    column = {name: table[name].to_numpy().copy() for name in table.column_names}
    zero = np.zeros(table.num_rows)
    own = {
        name: column.get(name, zero.copy()).astype(np.int64 if name == "trades" else np.float64)
        for name in VALUE_COLUMNS
    }
    return CandleSeries(symbol, interval, column["open_time"].astype(np.int64), **own)


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "DOGEUSDT"])
@pytest.mark.parametrize(
    ("finer", "coarser"),
    [(Interval.M15, Interval.H1), (Interval.H1, Interval.H4), (Interval.H4, Interval.D1)],
)
def test_all_fields_of_folded_bars_equal_the_exchange_s_own(symbol, finer, coarser):
    ours = fold(file_of(SPOT, symbol, finer), coarser)
    theirs = file_of(SPOT, symbol, coarser)
    common, mine, other = np.intersect1d(
        ours.open_time_ms, theirs.open_time_ms, assume_unique=True, return_indices=True
    )
    assert common.size > 0.95 * min(len(ours), len(theirs))
    for name in (*PRICE_COLUMNS, "trades"):
        np.testing.assert_array_equal(getattr(ours, name)[mine], getattr(theirs, name)[other])
    for name in FLOW_COLUMNS:
        np.testing.assert_allclose(
            getattr(ours, name)[mine], getattr(theirs, name)[other], rtol=1e-9, err_msg=name
        )


def test_whole_bars_of_a_thin_market_equal_the_exchange_s_own():
    ours = fold(file_of(SMALL, "XRPETH", Interval.M1), Interval.M5)
    theirs = file_of(SMALL, "XRPETH", Interval.M5)
    where = np.searchsorted(theirs.open_time_ms, ours.open_time_ms)
    np.testing.assert_array_equal(theirs.open_time_ms[where], ours.open_time_ms)
    assert len(ours) > 50
    for name in PRICE_COLUMNS:
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name)[where])
    np.testing.assert_allclose(ours.volume, theirs.volume[where], rtol=1e-9)


@given(st.integers(0, 300), st.integers(0, 40))
def test_folding_in_steps_equals_folding_at_once(n, offset):
    walk = random_walk(n, start_ms=START_MS + offset * MINUTE_MS)
    at_once = list(fold(walk, Interval.H1))
    in_steps = list(fold(fold(fold(walk, Interval.M5), Interval.M15), Interval.H1))
    assert len(at_once) == len(in_steps)
    for mine, other in zip(in_steps, at_once, strict=True):
        assert_same(mine, other)


@given(st.integers(1, 60))
def test_joined_parts_equal_brute_force(n):
    walk = list(random_walk(n))
    bar = join(START_MS, walk)
    assert (bar.open_time_ms, bar.open, bar.close) == (START_MS, walk[0].open, walk[-1].close)
    assert (bar.high, bar.low) == (max(c.high for c in walk), min(c.low for c in walk))
    for name in FLOW_COLUMNS:
        assert getattr(bar, name) == pytest.approx(sum(getattr(c, name) for c in walk), rel=1e-9)

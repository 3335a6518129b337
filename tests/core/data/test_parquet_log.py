import logging
import multiprocessing
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.candle_file import write_candles
from core.data.merge import merged
from core.data.parquet_log import ParquetLog, file_name, series_of
from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candles, random_walk
from tests.core.real_markets import needs_recordings, recorded

COLUMNS = [
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "trades",
    "taker_buy_volume",
    "taker_buy_quote_volume",
]
MOST_MB_OF_30_DAYS = 2.2


def everything(series: CandleSeries) -> CandleSeries:
    return series


def same(a: CandleSeries, b: CandleSeries) -> bool:
    return list(a) == list(b)


@given(st.text(min_size=1, max_size=12))
def test_file_names_are_plain_and_can_be_read_back(symbol):
    try:
        symbol.encode()
    except UnicodeEncodeError:
        return
    name = file_name(symbol, Interval.H1)
    assert name.isascii()
    assert "/" not in name
    assert series_of(name) == (symbol, Interval.H1)


def test_plain_symbols_keep_their_names():
    assert file_name("BTCUSDT_260925", Interval.M1) == "BTCUSDT_260925_1m_history.parquet"
    assert file_name("币安USDT", Interval.M1) == "%E5%B8%81%E5%AE%89USDT_1m_history.parquet"
    assert series_of("BTCUSDT_1m_history.parquet") == ("BTCUSDT", Interval.M1)
    assert series_of("BTCUSDT_7m_history.parquet") is None
    assert series_of("notes.parquet") is None


def test_what_is_written_is_read_back_bar_for_bar(tmp_path):
    log, walk = ParquetLog(tmp_path), random_walk(100)
    assert len(log.read("BTCUSDT", Interval.M1)) == 0
    assert log.extent("BTCUSDT", Interval.M1) is None
    log.merge(walk, everything)
    assert same(log.read("BTCUSDT", Interval.M1), walk)
    extent = log.extent("BTCUSDT", Interval.M1)
    assert extent is not None
    assert (extent.bars, extent.oldest_ms) == (100, START_MS)
    assert extent.newest_ms == START_MS + 99 * MINUTE_MS
    assert log.series() == [("BTCUSDT", Interval.M1)]


def test_the_file_has_exactly_the_promised_columns(tmp_path):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(3), everything)
    table = pq.ParquetFile(tmp_path / "BTCUSDT_1m_history.parquet").read(use_threads=False)
    assert table.column_names == COLUMNS
    types = {name: table.schema.field(name).type for name in COLUMNS}
    assert all(types[name] == pa.int64() for name in ("open_time", "close_time", "trades"))
    assert all(t == pa.float64() for name, t in types.items() if t != pa.int64())
    times = table["open_time"].to_numpy()
    np.testing.assert_array_equal(table["close_time"].to_numpy(), times + MINUTE_MS - 1)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_merging_on_write_loses_nothing(a, b, c, d):
    walk = random_walk(31)
    first, second = walk.rows(min(a, b), max(a, b)), walk.rows(min(c, d), max(c, d))
    memory = merged(first, second)
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        log = ParquetLog(Path(folder))
        for part in (first, second, first):
            log.merge(part, everything)
        assert same(log.read("BTCUSDT", Interval.M1), memory)


def test_retention_cuts_what_is_written(tmp_path):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(50), lambda series: series.tail(10))
    assert same(log.read("BTCUSDT", Interval.M1), random_walk(50).tail(10))


def test_writing_nothing_new_leaves_the_file_alone(tmp_path):
    log, walk = ParquetLog(tmp_path), random_walk(50)
    log.merge(walk, everything)
    before = log.signature("BTCUSDT", Interval.M1)
    log.merge(walk.head(20), everything)
    assert log.signature("BTCUSDT", Interval.M1) == before


def damaged(kind: str, path: Path) -> None:  # noqa: C901 - a list of damages
    write_candles(random_walk(2000), path)
    whole = path.read_bytes()
    table = pq.ParquetFile(path).read(use_threads=False)
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("open_time,open\n")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            path.write_bytes(whole[:1000] + b"\x00" * 400 + whole[1400:])
        case "column":
            pq.write_table(table.drop_columns(["trades"]), path)
        case "nan":
            close = table["close"].to_numpy().copy()
            close[5] = np.nan
            pq.write_table(table.set_column(4, "close", pa.array(close, from_pandas=False)), path)
        case "null":
            pq.write_table(table.set_column(8, "trades", pa.array([None] * 2000, pa.int64())), path)
        case "disorder":
            pq.write_table(pa.concat_tables([table, table]), path)
        case "no rows":
            pq.write_table(table.slice(0, 0), path)


@pytest.mark.parametrize(
    "kind", ["empty", "text", "cut", "flipped", "column", "nan", "null", "disorder"]
)
def test_a_damaged_file_is_put_aside_and_told(tmp_path, caplog, kind):
    log = ParquetLog(tmp_path)
    damaged(kind, log.path("BTCUSDT", Interval.M1))
    with caplog.at_level(logging.WARNING):
        assert len(log.read("BTCUSDT", Interval.M1)) == 0
    assert caplog.records
    assert len(list((tmp_path / "quarantine").iterdir())) == 1
    assert log.series() == []
    log.merge(candles([1, 2]), everything)
    assert len(log.read("BTCUSDT", Interval.M1)) == 2


def test_a_file_without_rows_is_put_aside_when_its_extent_is_asked(tmp_path):
    log = ParquetLog(tmp_path)
    damaged("no rows", log.path("BTCUSDT", Interval.M1))
    assert log.extent("BTCUSDT", Interval.M1) is None


def _write_part(folder: str, start: int) -> None:
    ParquetLog(Path(folder)).merge(random_walk(200).rows(start, start + 50), everything)


@pytest.mark.simulator
def test_processes_that_write_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    starts = (0, 50, 100, 150)
    writers = [context.Process(target=_write_part, args=(str(tmp_path), s)) for s in starts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert same(ParquetLog(tmp_path).read("BTCUSDT", Interval.M1), random_walk(200))


@needs_recordings
@pytest.mark.parametrize("symbol", ["BTCUSDT", "SOLUSDT", "XRPUSDT"])
def test_thirty_recorded_days_stay_small(tmp_path, symbol):
    month = recorded(symbol, Interval.M1, 30 * 1440)
    rng = np.random.default_rng(1)  # the recordings lack taker flow and counts
    taker = np.round(month.volume * rng.uniform(0.2, 0.8, len(month)), 3)
    whole = CandleSeries(
        symbol,
        Interval.M1,
        month.open_time_ms,
        month.open,
        month.high,
        month.low,
        month.close,
        month.volume,
        np.round(month.volume * month.close, 5) + 1.0,
        rng.integers(1, 4000, len(month)),
        np.minimum(taker, month.volume),
        np.round(np.minimum(taker, month.volume) * month.close, 5),
    )
    log = ParquetLog(tmp_path)
    log.merge(whole, everything)
    extent = log.extent(symbol, Interval.M1)
    assert extent is not None
    assert extent.size_bytes / 1e6 <= MOST_MB_OF_30_DAYS
    assert same(log.read(symbol, Interval.M1).tail(5), whole.tail(5))

import contextlib
import errno
import logging
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.data.candle_file import write_candles
from core.data.data_store import DataStore
from core.data.merge import merged
from core.data.parquet_log import ParquetLog, file_name, series_of
from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candles, home, random_walk, settings
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


@hypothesis_settings(max_examples=40, deadline=None)  # each example waits for the disk
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


def test_a_merge_tells_what_was_there_before_it(tmp_path):
    log, walk = ParquetLog(tmp_path), random_walk(50)
    first = log.merge(walk.head(10), everything)
    assert (len(first.candles), first.before) == (10, None)
    second = log.merge(walk, everything)
    assert (len(second.candles), second.before) == (50, first.after)
    again = log.merge(walk.head(20), everything)
    assert (len(again.candles), again.before, again.after) == (50, second.after, second.after)
    log.path("BTCUSDT", Interval.M1).unlink()
    assert log.merge(walk, everything).before is None


def damaged(kind: str, path: Path) -> None:
    write_candles(random_walk(2000), path)
    whole = path.read_bytes()
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("open_time,open\n")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            path.write_bytes(whole[:1000] + b"\x00" * 400 + whole[1400:])
        case "another symbol":
            write_candles(random_walk(20, symbol="ETHUSDT"), path)
        case "another interval":
            write_candles(random_walk(20, interval=Interval.M5), path)
        case "another interval, unlabelled":
            write_candles(random_walk(20, interval=Interval.M5), path)
            other = pq.ParquetFile(path).read(use_threads=False)
            pq.write_table(other.replace_schema_metadata(None), path)
        case _:
            raise ValueError(kind)


def shifted(table: pa.Table) -> pa.Table:
    later = changed(table, "open_time", lambda t: t + 3_000_000_000_000)
    return changed(later, "close_time", lambda t: t + 3_000_000_000_000)


WRONG_TABLES: dict[str, Callable[[pa.Table], pa.Table]] = {
    "column": lambda table: table.drop_columns(["trades"]),
    "a column more": lambda table: table.append_column("note", table["close"]),
    "null": lambda table: table.set_column(8, "trades", pa.array([None] * 2000, pa.int64())),
    "text for numbers": lambda table: table.set_column(4, "close", pa.array(["1"] * 2000)),
    "disorder": lambda table: pa.concat_tables([table, table]),
    "no rows": lambda table: table.slice(0, 0),
    "far future": shifted,
}
WRONG_NUMBERS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "nan": ("close", lambda v: np.where(np.arange(v.size) == 5, np.nan, v)),
    "microseconds": ("open_time", lambda t: t * 1000),
    "taker above volume": ("taker_buy_volume", lambda v: v * 100),
    "negative": ("low", lambda v: -v),
    "infinite": ("high", lambda v: v * np.inf),
    "infinite volume": ("volume", lambda v: v * np.inf),
    "negative count": ("trades", lambda v: -v),
}


def obstacle(kind: str, path: Path) -> None:
    match kind:
        case "a directory":
            (path / "inside").mkdir(parents=True)
        case "a link":
            write_candles(random_walk(20), path.with_name("target"))
            path.symlink_to(path.with_name("target"))
        case "a pipe":
            os.mkfifo(path)


def changed(table: pa.Table, name: str, change: Callable[[np.ndarray], np.ndarray]) -> pa.Table:
    return table.set_column(
        table.column_names.index(name), name, pa.array(change(table[name].to_numpy()))
    )


def set_aside(log: ParquetLog) -> None:
    assert len(log.read("BTCUSDT", Interval.M1)) == 0
    assert len(log.quarantine) == 1
    assert log.take_lost() == {("BTCUSDT", Interval.M1)}
    assert log.series() == []
    log.merge(candles([1, 2]), everything)
    assert len(log.read("BTCUSDT", Interval.M1)) == 2


@pytest.mark.parametrize(
    "kind",
    [
        *("empty", "text", "cut", "flipped"),
        *("another symbol", "another interval", "another interval, unlabelled"),
    ],
)
def test_a_damaged_or_foreign_file_is_put_aside_and_told(tmp_path, caplog, kind):
    log = ParquetLog(tmp_path)
    damaged(kind, log.path("BTCUSDT", Interval.M1))
    with caplog.at_level(logging.WARNING):
        set_aside(log)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("kind", WRONG_TABLES)
def test_a_file_with_other_columns_or_rows_is_put_aside(tmp_path, kind):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(2000), everything)
    path = log.path("BTCUSDT", Interval.M1)
    pq.write_table(WRONG_TABLES[kind](pq.ParquetFile(path).read(use_threads=False)), path)
    set_aside(log)


@pytest.mark.parametrize("kind", WRONG_NUMBERS)
def test_a_file_with_impossible_numbers_is_put_aside(tmp_path, kind):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(2000), everything)
    path = log.path("BTCUSDT", Interval.M1)
    table = pq.ParquetFile(path).read(use_threads=False)
    pq.write_table(changed(table, *WRONG_NUMBERS[kind]), path)
    set_aside(log)


@pytest.mark.parametrize("kind", ["a directory", "a link", "a pipe"])
def test_what_is_no_file_is_put_aside(tmp_path, kind):
    log = ParquetLog(tmp_path)
    obstacle(kind, log.path("BTCUSDT", Interval.M1))
    set_aside(log)


def test_a_file_without_rows_is_put_aside_when_its_extent_is_asked(tmp_path):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(2000), everything)
    path = log.path("BTCUSDT", Interval.M1)
    pq.write_table(WRONG_TABLES["no rows"](pq.ParquetFile(path).read(use_threads=False)), path)
    assert log.extent("BTCUSDT", Interval.M1) is None


def test_files_of_the_version_before_are_read(tmp_path):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(30), everything)
    path = log.path("BTCUSDT", Interval.M1)
    table = pq.ParquetFile(path).read(use_threads=False)
    pq.write_table(table.replace_schema_metadata(None), path)
    assert same(log.read("BTCUSDT", Interval.M1), random_walk(30))


def test_a_file_that_cannot_be_read_now_is_left_alone_and_told(tmp_path):
    log = ParquetLog(tmp_path / "cache")
    (tmp_path / "cache").write_text("a file where the directory should be")
    assert len(log.read("BTCUSDT", Interval.M1)) == 0
    assert "BTCUSDT" in log.trouble
    assert log.extent("BTCUSDT", Interval.M1) is None
    assert log.signature("BTCUSDT", Interval.M1) is None
    assert len(log.quarantine) == 0
    (tmp_path / "cache").unlink()
    log.merge(random_walk(3), everything)
    assert len(log.read("BTCUSDT", Interval.M1)) == 3
    assert log.trouble == ""


def test_drafts_of_the_dead_are_removed_and_those_of_the_living_stay(tmp_path):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(3), everything)
    dead = tmp_path / ".BTCUSDT_1m_history.parquet.4711.draft"
    living = tmp_path / ".ETHUSDT_1m_history.parquet.4712.draft"
    for draft in (dead, living):
        draft.write_bytes(b"half")
    with ParquetLog(tmp_path).lock("ETHUSDT", Interval.M1, "write"):
        log.remove_drafts()
    assert not dead.exists()
    assert living.exists()
    assert same(log.read("BTCUSDT", Interval.M1), random_walk(3))


def test_readers_never_block_on_a_writer(tmp_path):
    log = ParquetLog(tmp_path)
    log.merge(random_walk(3), everything)
    with log.lock("BTCUSDT", Interval.M1, "write"):
        assert len(ParquetLog(tmp_path).read("BTCUSDT", Interval.M1)) == 3


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from core.data.parquet_log import ParquetLog
from tests.builders import random_walk
log = ParquetLog(Path(sys.argv[1]))
log.merge(random_walk(50), lambda series: series)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    log.merge(random_walk(5000), lambda series: series)
except OSError as error:
    print("refused", error.errno)
"""


@pytest.mark.simulator
def test_a_file_that_may_not_grow_leaves_the_old_one_and_no_draft(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=REPOSITORY,
        check=True,
    )
    assert done.stdout.strip() == f"refused {errno.EFBIG}"
    assert same(ParquetLog(tmp_path).read("BTCUSDT", Interval.M1), random_walk(50))
    assert not list(tmp_path.glob(".*.draft"))


@pytest.fixture
def tiny_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.simulator
@pytest.mark.parametrize("taken", [150, 240, 252, 256])
def test_a_full_disk_is_survived_whole(tiny_disk, taken):
    filler = tiny_disk / "filler"
    store = DataStore(settings(), home(tiny_disk))
    walk = random_walk(5000)
    store.merge(walk.head(100))
    store.flush()
    with contextlib.suppress(OSError):
        filler.write_bytes(os.urandom(taken * 1024))
    store.merge(walk)
    for _ in range(3):
        with pytest.raises(OSError, match=r".+"):
            store.flush()
    assert store.alarm
    assert not list(home(tiny_disk).cache.rglob("*.draft"))
    assert len(store.candles("BTCUSDT", Interval.M1)) == 5000
    beside = DataStore(settings(), home(tiny_disk))
    assert len(beside.candles("BTCUSDT", Interval.M1)) == 100, "the old file is whole"
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=4m", str(tiny_disk)], check=True)
    store.flush()
    assert store.alarm == ""
    assert len(DataStore(settings(), home(tiny_disk)).candles("BTCUSDT", Interval.M1)) == 5000


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
        writer.join(300)
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

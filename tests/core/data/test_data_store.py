import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.data.cache_statistics import Tier
from core.data.candle_file import write_candles
from core.data.data_store import DataStore
from core.data.fold import fold
from core.data.parquet_log import ParquetLog
from core.model.candles import CandleSeries, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle, candles, home, random_walk, settings

M1, M5, H1 = Interval.M1, Interval.M5, Interval.H1
HOT = 300
WATCHED = 100
TURNS = 15


def configured(**changes: int):
    base = settings()
    data = base.data.model_copy(update={"hot_candles": HOT, "watched_candles": WATCHED} | changes)
    return base.model_copy(update={"data": data})


def store(path, *, now_ms: int = START_MS, **changes: int) -> DataStore:
    return DataStore(configured(**changes), home(path), clock_ms=lambda: now_ms)


def running(open_time_ms: int, close: float = 100.0, event_ms: int | None = None) -> CandleUpdate:
    bar = candle(open_time_ms, close)
    return CandleUpdate("BTCUSDT", M1, bar, False, event_ms or open_time_ms + 1000)


def at(minute: int) -> int:
    return START_MS + minute * MINUTE_MS


def append_all(target: DataStore, series: CandleSeries) -> None:
    for row in series:
        target.append(series.symbol, row)


def test_appended_candles_come_back_in_order(tmp_path):
    ours, walk = store(tmp_path), random_walk(50)
    append_all(ours, walk)
    assert list(ours.candles("BTCUSDT", M1)) == list(walk)
    assert list(ours.candles("BTCUSDT", M1, limit=7)) == list(walk.tail(7))
    assert list(ours.candles("BTCUSDT", M1, start_ms=at(3), end_ms=at(5))) == list(walk.rows(3, 6))
    assert len(ours.candles("ETHUSDT", M1)) == 0


def test_memory_holds_the_newest_and_parquet_the_rest(tmp_path):
    ours, walk = store(tmp_path), random_walk(HOT + 100)
    append_all(ours, walk)
    assert list(ours.candles("BTCUSDT", M1)) == list(walk), "unsaved candles are not lost"
    ours.flush()
    assert list(ours.candles("BTCUSDT", M1)) == list(walk)
    again = store(tmp_path)
    assert list(again.candles("BTCUSDT", M1)) == list(walk)
    assert list(again.candles("BTCUSDT", M1, limit=5)) == list(walk.tail(5))


def test_reads_are_counted_as_hits_and_misses_over_processes(tmp_path):
    ours, walk = store(tmp_path), random_walk(HOT + 100)
    append_all(ours, walk)
    ours.flush()
    ours.candles("BTCUSDT", M1, limit=10)
    ours.candles("BTCUSDT", M1, limit=HOT)
    ours.candles("BTCUSDT", M1, limit=HOT + 1)
    ours.candles("ETHUSDT", M1)
    stats = ours.get_cache_stats()
    assert (stats["hits"], stats["misses"], stats["hit_rate"]) == (2, 2, 0.5)
    ours.flush()
    other = store(tmp_path)
    other.candles("BTCUSDT", M1, limit=1)  # reads the file: a miss
    other.candles("BTCUSDT", M1, limit=1)
    other.flush()
    stats = store(tmp_path).get_cache_stats()
    assert (stats["hits"], stats["misses"]) == (3, 3)


def test_asking_for_more_than_there_is_is_no_miss_when_no_file_has_more(tmp_path):
    ours = store(tmp_path)
    append_all(ours, random_walk(20))
    ours.flush()
    for _ in range(3):
        assert len(ours.candles("BTCUSDT", M1, limit=1000)) == 20
    assert ours.get_cache_stats()["misses"] == 0


def test_statistics_that_cannot_be_read_start_anew(tmp_path):
    ours = store(tmp_path)
    path = home(tmp_path).cache / "statistics.json"
    path.write_text("{")
    ours.candles("BTCUSDT", M1)
    ours.flush()
    assert json.loads(path.read_text())["memory"] == {"hits": 0, "misses": 1}


def test_a_second_store_beside_a_running_one_sees_what_was_saved(tmp_path):
    ours, beside, walk = store(tmp_path), store(tmp_path), random_walk(30)
    append_all(ours, walk.head(10))
    ours.flush()
    assert len(beside.candles("BTCUSDT", M1)) == 10
    append_all(ours, walk.rows(10, 30))
    assert len(beside.candles("BTCUSDT", M1)) == 10
    ours.flush()
    assert list(beside.candles("BTCUSDT", M1)) == list(walk)
    assert beside.get_cached_symbols() == ["BTCUSDT"]


def test_two_writers_of_one_home_keep_each_other_s_candles(tmp_path):
    a, b, walk = store(tmp_path), store(tmp_path), random_walk(60)
    append_all(a, walk.head(40))
    append_all(b, walk.rows(20, 60))
    a.flush()
    b.flush()
    assert list(store(tmp_path).candles("BTCUSDT", M1)) == list(walk)
    a.refresh("BTCUSDT", M1)
    assert list(a.candles("BTCUSDT", M1)) == list(walk)


@hypothesis_settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 200)), max_size=6))
def test_merging_history_in_any_order_gives_the_market(tmp_path_factory, parts):
    ours, walk = store(tmp_path_factory.mktemp("home")), random_walk(600)
    held: set[int] = set()
    for start, n in parts:
        part = walk.rows(start, start + n)
        fresh = {*part.open_time_ms.tolist()} - held
        assert ours.merge(part) == len(fresh)
        assert ours.merge(part) == 0
        held |= fresh
    assert ours.open_times("BTCUSDT", M1).tolist() == sorted(held)
    before = list(ours.candles("BTCUSDT", M1))
    ours.flush()
    assert list(ours.candles("BTCUSDT", M1)) == before


def test_a_corrected_candle_wins_and_its_higher_bars_follow(tmp_path):
    ours = store(tmp_path)
    append_all(ours, candles([1, 2, 3, 4, 5]))
    assert ours.candles("BTCUSDT", M5).close.tolist() == [5.0]
    assert ours.merge(candles([9], start_ms=at(4))) == 1
    assert ours.candles("BTCUSDT", M1).close.tolist() == [1, 2, 3, 4, 9]
    assert ours.candles("BTCUSDT", M5).close.tolist() == [9.0]


def test_a_late_candle_is_merged_where_it_belongs(tmp_path):
    ours, walk = store(tmp_path), random_walk(6)
    for i in (0, 1, 3, 4, 2, 5):
        ours.append("BTCUSDT", walk.candle(i))
    assert list(ours.candles("BTCUSDT", M1)) == list(walk)
    assert len(ours.candles("BTCUSDT", M5)) == 1


def test_a_bar_with_a_missing_minute_is_left_out_until_it_is_filled(tmp_path):
    ours, walk = store(tmp_path), random_walk(10)
    for i in (0, 1, 2, 4, 5, 6, 7, 8, 9):
        ours.append("BTCUSDT", walk.candle(i))
    assert ours.candles("BTCUSDT", M5).open_time_ms.tolist() == [at(5)]
    ours.merge(walk.rows(3, 4))
    assert ours.candles("BTCUSDT", M5).open_time_ms.tolist() == [at(0), at(5)]


def test_folds_do_not_replace_the_exchange_s_own_bar(tmp_path):
    ours, native = store(tmp_path), candles([7.0], interval=M5)
    ours.merge(native)
    append_all(ours, candles([1, 2, 3, 4, 5]))
    assert ours.candles("BTCUSDT", M5).close.tolist() == [7.0]


def test_the_running_bar_of_a_higher_interval_is_folded(tmp_path):
    ours = store(tmp_path)
    assert ours.running("BTCUSDT", H1) is None
    append_all(ours, candles([1, 9, 3]))
    between = ours.running("BTCUSDT", M5)
    assert between is not None
    assert between.close == 3.0
    ours.set_running(running(at(3), 2.0))
    bar = ours.running("BTCUSDT", M5)
    assert bar is not None
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (1, 9, 1, 2, 40)
    assert ours.running("BTCUSDT", M1) == candle(at(3), 2.0)


def test_the_running_candle_ends_when_its_bar_closes(tmp_path):
    ours = store(tmp_path)
    append_all(ours, candles([1, 2, 3, 4]))
    ours.set_running(running(at(4)))
    ours.append("BTCUSDT", candle(at(4), 5.0))
    assert ours.running("BTCUSDT", M1) is None
    assert ours.running("BTCUSDT", M5) is None, "the next bar has not begun"
    ours.set_running(running(at(4)))
    assert ours.running("BTCUSDT", M1) is None, "a late frame of a closed bar"


def test_a_running_bar_longer_than_memory_is_completed_from_parquet(tmp_path):
    ours, walk = store(tmp_path), random_walk(HOT + 200)
    append_all(ours, walk)
    ours.flush()
    bar = ours.running("BTCUSDT", Interval.D1)
    assert bar is not None
    assert bar.open == walk.open[0]
    assert bar.high == walk.high.max()


def test_retention_keeps_days_of_minutes_and_a_number_of_higher_bars(tmp_path):
    ours = store(tmp_path / "minutes", history_days=1)
    ours.merge(random_walk(2000))
    ours.flush()
    assert ours.get_cache_stats()["series"]["BTCUSDT 1m"]["bars"] == 1440
    ours = store(tmp_path / "hours", higher_candles=HOT)
    ours.merge(random_walk(20_050, interval=H1))
    ours.flush()
    # As far as a chart is panned back.
    assert ours.get_cache_stats()["series"]["BTCUSDT 1h"]["bars"] == 20_000


def test_the_figures_tell_what_is_where(tmp_path):
    ours = store(tmp_path, now_ms=at(0))
    append_all(ours, random_walk(20))
    stats = ours.get_cache_stats()
    assert stats["series"]["BTCUSDT 1m"]["bars"] == 20
    assert (stats["files"], stats["disk_mb"]) == (0, 0.0)
    ours.flush()
    ours.append("BTCUSDT", candle(at(20)))
    ours.set_running(running(at(21), event_ms=at(21) + 30_000))
    stats = ours.get_cache_stats()
    minute = stats["series"]["BTCUSDT 1m"]
    assert (minute["bars"], minute["newest_ms"]) == (21, at(20))
    assert minute["newest"].endswith("+00:00")
    assert minute["age_s"] == 30.0
    assert stats["files"] == 3
    assert stats["disk_mb"] > 0.0
    assert stats["memory_mb"] > 0.0
    beside = store(tmp_path, now_ms=at(22)).get_cache_stats()
    assert beside["series"]["BTCUSDT 1m"]["age_s"] == 120.0


def test_strange_symbols_stay_inside_the_cache_directory(tmp_path):
    ours = store(tmp_path)
    for symbol in ("币安USDT", "A_B", "..%2F"):
        ours.append(symbol, candle())
    ours.flush()
    assert ours.get_cached_symbols() == sorted(["币安USDT", "A_B", "..%2F"])
    assert store(tmp_path).get_cached_symbols() == sorted(["币安USDT", "A_B", "..%2F"])
    assert len(list(home(tmp_path).cache.glob("*_1m_history.parquet"))) == 3


@pytest.mark.parametrize("whole_directory", [False, True])
def test_a_deleted_cache_is_noticed_once_and_written_anew_from_memory(tmp_path, whole_directory):
    ours, walk, cache = store(tmp_path), random_walk(20), home(tmp_path).cache
    append_all(ours, walk.head(10))
    ours.flush()
    assert ours.vanished() == ()
    if whole_directory:
        shutil.rmtree(cache)
    for path in cache.glob("*.parquet"):
        path.unlink()
    append_all(ours, walk.rows(10, 12))
    ours.flush()
    assert set(ours.vanished()) == {("BTCUSDT", M1), ("BTCUSDT", M5)}
    assert ours.vanished() == (), "told once"
    assert list(store(tmp_path).candles("BTCUSDT", M1)) == list(walk.head(12))
    assert len(store(tmp_path).candles("BTCUSDT", M5)) == 2
    append_all(ours, walk.rows(12, 20))
    ours.flush()
    assert ours.vanished() == ()
    assert list(ours.candles("BTCUSDT", M1)) == list(walk)


def test_a_file_that_goes_in_the_middle_of_a_flush_is_missed(tmp_path):
    cache, walk, doomed = home(tmp_path).cache, random_walk(30), []

    def write(series: CandleSeries, path: Path) -> None:
        for other in doomed:
            other.unlink(missing_ok=True)
        write_candles(series, path)

    ours = DataStore(settings(), home(tmp_path), log=ParquetLog(cache, write=write))
    append_all(ours, walk.head(20))
    ours.flush()
    doomed.append(ours.log.path("BTCUSDT", M5))
    append_all(ours, walk.rows(20, 30))
    ours.flush()
    doomed.clear()
    assert ours.vanished() == (("BTCUSDT", M5),)
    ours.flush()
    assert len(store(tmp_path).log.read("BTCUSDT", M5)) == 6
    assert ours.vanished() == ()


def test_a_file_that_goes_as_soon_as_it_is_written_is_missed(tmp_path):
    cache, walk, doomed = home(tmp_path).cache, random_walk(30), [True]

    def write(series: CandleSeries, path: Path) -> None:
        write_candles(series, path)
        if doomed:
            path.unlink()

    ours = DataStore(settings(), home(tmp_path), log=ParquetLog(cache, write=write))
    append_all(ours, walk.head(4))
    ours.flush()
    doomed.clear()
    assert ours.vanished() == (("BTCUSDT", M1),)
    ours.flush()
    assert list(store(tmp_path).log.read("BTCUSDT", M1)) == list(walk.head(4))
    assert ours.vanished() == ()


def test_a_file_of_which_a_flush_rewrites_every_bar_is_not_called_gone(tmp_path):
    ours = store(tmp_path, history_days=1)
    ours.merge(random_walk(20))
    ours.flush()
    ours.merge(random_walk(2000, start_ms=at(5000)))
    ours.flush()
    ours.merge(candles([7.0] * 1440, start_ms=at(5560)))
    ours.flush()
    assert ours.vanished() == ()
    assert len(store(tmp_path).candles("BTCUSDT", M1)) == 1440


def test_a_deleted_file_is_missed_though_it_was_looked_for_meanwhile(tmp_path):
    ours, walk = store(tmp_path), random_walk(12)
    append_all(ours, walk.head(4))
    ours.flush()
    ours.log.path("BTCUSDT", M1).unlink()
    ours.refresh("BTCUSDT", M1)
    ours.flush()
    assert ours.vanished() == (("BTCUSDT", M1),)
    assert list(store(tmp_path).candles("BTCUSDT", M1)) == list(walk.head(4))


def test_a_file_damaged_under_a_running_store_is_set_aside_and_written_from_memory(tmp_path):
    ours, walk = store(tmp_path), random_walk(20)
    append_all(ours, walk.head(12))
    ours.flush()
    ours.log.path("BTCUSDT", M1).write_bytes(b"PAR1 or not")
    append_all(ours, walk.rows(12, 14))
    ours.flush()
    assert ours.vanished() == (("BTCUSDT", M1),)
    assert list(store(tmp_path).candles("BTCUSDT", M1)) == list(walk.head(14))
    assert ours.get_cache_stats()["quarantined"] == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_candles_that_could_not_be_saved_raise_the_alarm_and_are_saved_later(tmp_path, code):
    broken = True

    def write(series: CandleSeries, path: Path) -> None:
        if broken:
            raise OSError(code, os.strerror(code))
        write_candles(series, path)

    cache = home(tmp_path).cache
    ours = DataStore(configured(), home(tmp_path), log=ParquetLog(cache, write))
    append_all(ours, random_walk(5))
    with pytest.raises(OSError, match=os.strerror(code)):
        ours.flush()
    assert os.strerror(code) in ours.alarm
    assert ours.get_cache_stats()["alarm"] == ours.alarm
    ours.append("BTCUSDT", candle(at(5)))
    assert len(ours.candles("BTCUSDT", M1)) == 6, "streaming goes on"
    broken = False
    ours.flush()
    assert ours.alarm == ""
    assert len(store(tmp_path).candles("BTCUSDT", M1)) == 6


def test_a_lock_that_another_process_does_not_let_go_raises_the_alarm(tmp_path):
    class Impatient(ParquetLog):
        def lock(self, symbol: str, interval: Interval, purpose: str) -> FileLock:
            lock = super().lock(symbol, interval, purpose)
            return FileLock(lock.lock_file, timeout=0.01, is_singleton=False)

    ours = DataStore(configured(), home(tmp_path), log=Impatient(home(tmp_path).cache))
    append_all(ours, random_walk(3))
    with ParquetLog(home(tmp_path).cache).lock("BTCUSDT", M1, "write"):
        with pytest.raises(OSError, match="lock"):
            ours.flush()
        assert "lock" in ours.alarm
    ours.flush()
    assert ours.alarm == ""
    assert len(store(tmp_path).candles("BTCUSDT", M1)) == 3


def test_readers_in_other_threads_always_see_ordered_whole_minutes(tmp_path):
    ours, walk, faults = store(tmp_path), random_walk(60), []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen = ours.candles("BTCUSDT", M1, limit=200)
            if len(seen) > 1 and not np.all(np.diff(seen.open_time_ms) == MINUTE_MS):
                faults.append(seen)

    def flush() -> None:
        while not done.is_set():
            ours.flush()

    threads = [threading.Thread(target=read), threading.Thread(target=flush)]
    for thread in threads:
        thread.start()
    append_all(ours, walk)
    done.set()
    for thread in threads:
        thread.join()
    assert not faults
    ours.flush()
    assert list(store(tmp_path).candles("BTCUSDT", M1)) == list(walk)


def test_each_tier_counts_what_it_had_and_what_it_lacked(tmp_path):
    ours = store(tmp_path)
    append_all(ours, random_walk(HOT + 100))
    ours.flush()
    ours.candles("BTCUSDT", M1, limit=10)
    ours.candles("BTCUSDT", M1, limit=HOT + 50)
    ours.candles("ETHUSDT", M1)
    ours.count_rest_read()
    ours.count_rest_read(hit=False)
    ours.flush()
    beside = store(tmp_path).get_cache_stats()
    assert beside["tiers"] == {
        "memory": {"hits": 1, "misses": 2},
        "parquet": {"hits": 1, "misses": 1},
        "rest": {"hits": 1, "misses": 1},
    }
    assert (beside["hits"], beside["misses"]) == (1, 2)
    assert ours.reads() == {Tier.MEMORY: (1, 2), Tier.PARQUET: (1, 1), Tier.REST: (1, 1)}


def test_counts_are_persisted_though_no_candle_is_new(tmp_path):
    ours = store(tmp_path)
    append_all(ours, random_walk(5))
    ours.flush()
    ours.candles("BTCUSDT", M1)
    ours.flush()
    assert store(tmp_path).get_cache_stats()["hits"] == 1


def test_a_data_frame_has_the_candles_by_utc_time(tmp_path):
    ours, walk = store(tmp_path), random_walk(10)
    append_all(ours, walk)
    frame = ours.get_dataframe("BTCUSDT", M1, limit=4)
    assert frame.index.name == "open_time"
    assert str(frame.index.tz) == "UTC"
    assert [int(t.timestamp() * 1000) for t in frame.index] == walk.tail(4).open_time_ms.tolist()
    assert frame["close"].tolist() == walk.tail(4).close.tolist()
    assert frame["trades"].dtype == np.int64
    assert {str(t) for t in frame.drop(columns="trades").dtypes} == {"float64"}
    frame.loc[:, "close"] = 0.0
    assert ours.candles("BTCUSDT", M1).close.min() > 0.0, "the frame is a copy"
    assert ours.get_dataframe("ETHUSDT", M1).empty


def test_missing_bars_are_in_the_figures(tmp_path):
    ours, walk = store(tmp_path), random_walk(20)
    for i in (0, 1, 5, 6, 9):
        ours.append("BTCUSDT", walk.candle(i))
    assert ours.get_cache_stats()["series"]["BTCUSDT 1m"]["gaps"] == 5
    ours.flush()
    ours.append("BTCUSDT", walk.candle(11))
    assert ours.get_cache_stats()["gaps"] == 6
    ours.merge(walk)
    ours.flush()
    assert ours.get_cache_stats()["gaps"] == 0


def test_watched_symbols_hold_the_newest_minutes_only(tmp_path):
    ours, walk = store(tmp_path), random_walk(HOT)
    ours.focus(["BTCUSDT"])
    watched = replace(walk, symbol="ETHUSDT")
    append_all(ours, walk)
    append_all(ours, watched)
    ours.flush(everything=True)
    stats = ours.get_cache_stats()
    assert {name for name in stats["series"] if name.startswith("ETH")} == {"ETHUSDT 1m"}
    assert list(ours.candles("ETHUSDT", M1)) == list(watched), "older ones from the file"
    assert list(ours.candles("ETHUSDT", M1, limit=WATCHED)) == list(watched.tail(WATCHED))
    assert ours.get_cache_stats()["tiers"]["memory"] == {"hits": 1, "misses": 1}


def test_higher_bars_of_a_watched_symbol_are_folded_when_asked(tmp_path):
    ours, walk = store(tmp_path), random_walk(HOT)
    ours.focus([])
    append_all(ours, walk)
    assert _near(ours.candles("BTCUSDT", M5), fold(walk, M5))
    ours.flush(everything=True)
    native = candles([7.0], interval=H1)
    ours.merge(native)
    assert ours.candles("BTCUSDT", H1).close[0] == 7.0, "the exchange's own bar wins"
    ours.flush(everything=True)
    assert ours.candles("BTCUSDT", H1).close[0] == 7.0
    assert len(ours.candles("BTCUSDT", H1)) == HOT // 60


def test_a_symbol_that_comes_into_focus_is_complete_at_once(tmp_path):
    ours, walk = store(tmp_path), random_walk(HOT + 5)
    ours.focus([])
    append_all(ours, walk.head(HOT))
    ours.flush(everything=True)
    ours.focus(["BTCUSDT"])
    append_all(ours, walk.rows(HOT, HOT + 5))
    assert list(ours.candles("BTCUSDT", M1, limit=HOT)) == list(walk.tail(HOT))
    assert _near(ours.candles("BTCUSDT", M5), fold(walk, M5))
    before = ours.get_cache_stats()["misses"]
    ours.candles("BTCUSDT", M1, limit=HOT)
    assert ours.get_cache_stats()["misses"] == before, "the second time from memory"
    ours.focus([])
    ours.flush(everything=True)
    assert set(ours.get_cache_stats()["series"]) >= {"BTCUSDT 1m", "BTCUSDT 5m"}
    assert _near(ours.candles("BTCUSDT", M5), fold(walk, M5))


@hypothesis_settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.integers(1, 150)),
            st.tuples(st.just("focus"), st.booleans()),
            st.tuples(st.just("flush"), st.booleans()),
            st.tuples(st.just("repeat"), st.integers(1, 200)),
            st.tuples(st.just("restart"), st.just(0)),
        ),
        max_size=14,
    )
)
def test_whatever_is_focused_flushed_and_restarted_the_candles_are_the_market_s(
    tmp_path_factory, steps
):
    path, walk, n = tmp_path_factory.mktemp("home"), random_walk(2500), 0
    ours = store(path)
    for action, value in steps:
        match action:
            case "append":
                append_all(ours, walk.rows(n, n + value))
                n += value
            case "focus":
                ours.focus(["BTCUSDT"] if value else [])
            case "flush":
                ours.flush(everything=value)
            case "repeat":
                ours.merge(walk.rows(max(0, n - value), n))
            case "restart":
                ours.flush(everything=True)
                ours = store(path)
    market = walk.head(n)
    assert list(ours.candles("BTCUSDT", M1)) == list(market)
    for interval in (M5, H1):
        assert _near(ours.candles("BTCUSDT", interval), fold(market, interval))


def test_watched_series_are_saved_in_turn_and_all_within_their_turns(tmp_path):
    ours = store(tmp_path)
    ours.focus(["BTCUSDT"])
    names = [f"S{i}USDT" for i in range(60)]
    for name in (*names, "BTCUSDT"):
        ours.append(name, candle())
    saved = []
    for _ in range(TURNS):
        ours.flush()
        saved.append(len(ours.log.series()))
    assert ours.log.series()[0][0] == "BTCUSDT"
    assert max(np.diff([0, *saved])) <= 15, "never all at once"
    assert saved[-1] == 61
    ours.append("S0USDT", candle(at(1)))
    ours.flush(everything=True)
    assert len(store(tmp_path).candles("S0USDT", M1)) == 2


def test_a_watched_series_that_is_being_filled_does_not_wait_for_its_turn(tmp_path):
    ours = store(tmp_path)
    ours.focus([])
    for i in range(20):
        ours.merge(random_walk(1000, symbol=f"S{i}USDT"))
    ours.flush()
    assert len(ours.log.series()) == 20


def test_what_cannot_be_saved_for_days_takes_a_bounded_memory(tmp_path):
    ours = store(tmp_path, history_days=1)
    ours.focus([])
    for day in range(3):
        ours.merge(random_walk(1440, start_ms=at(1440 * day)))
    append_all(ours, random_walk(600, start_ms=at(1440 * 3)))
    assert ours.get_cache_stats()["memory_mb"] < 0.3
    ours.flush(everything=True)
    assert len(store(tmp_path).candles("BTCUSDT", M1)) == 1440


def test_the_running_candle_is_forgotten_when_history_passes_it(tmp_path):
    ours = store(tmp_path)
    ours.set_running(running(at(3)))
    ours.merge(random_walk(4))
    assert ours.running("BTCUSDT", M1) is None


def _near(ours: CandleSeries, theirs: CandleSeries) -> bool:
    same = np.array_equal(ours.open_time_ms, theirs.open_time_ms)
    same = same and all(
        np.array_equal(getattr(ours, name), getattr(theirs, name))
        for name in ("open", "high", "low", "close", "trades")
    )
    return same and all(
        np.allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, atol=0.0)
        for name in ("volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume")
    )


class Interrupted(ParquetLog):
    """Lets another thread act when a file of 5m bars is looked at, as long as it is let."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.act: Callable[[], None] | None = None
        self.threads: list[threading.Thread] = []

    def signature(self, symbol: str, interval: Interval) -> tuple[int, int, int] | None:
        act, found = self.act, super().signature(symbol, interval)
        if act is not None and interval is M5:
            self.act = None
            self.threads.append(threading.Thread(target=act))
            self.threads[0].start()
            self.threads[0].join(timeout=0.05)
        return found


@pytest.mark.parametrize("late", [False, True])
def test_a_symbol_that_goes_out_of_focus_while_bars_are_folded_keeps_them_whole(tmp_path, late):
    log, walk = Interrupted(home(tmp_path).cache), random_walk(45)
    ours = DataStore(configured(), home(tmp_path), log=log)
    ours.focus([])
    append_all(ours, walk.head(29))
    ours.focus(["BTCUSDT"])
    log.act = lambda: ours.focus([])
    if late:
        ours.append("BTCUSDT", walk.candle(29))
    else:
        ours.merge(walk.rows(28, 30))
    for thread in log.threads:
        thread.join()
    assert log.act is None, "it was interrupted"
    ours.flush(everything=True)
    append_all(ours, walk.rows(30, 45))
    ours.flush(everything=True)
    for interval in (M5, Interval.M15):
        assert _near(store(tmp_path).candles("BTCUSDT", interval), fold(walk, interval))


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns a hundred times as often as they do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 100)
    yield
    sys.setswitchinterval(before)


@contextmanager
def refocused_and_flushed(ours: DataStore, symbols: list[str]) -> Iterator[threading.Barrier]:
    """Flush all the while in one thread; in another change focus whenever it is met."""
    done, meeting = threading.Event(), threading.Barrier(2)

    def refocus() -> None:
        while meeting.wait() >= 0 and not done.is_set():
            ours.focus([])
            ours.focus(symbols)

    def flush() -> None:
        while not done.is_set():
            ours.flush(everything=True)

    threads = [threading.Thread(target=refocus), threading.Thread(target=flush)]
    for thread in threads:
        thread.start()
    try:
        yield meeting
    finally:
        done.set()
        meeting.wait()
        for thread in threads:
            thread.join()


@pytest.mark.usefixtures("hasty_threads")
def test_focus_and_flush_in_other_threads_lose_no_candle(tmp_path):
    ours, walk = store(tmp_path), random_walk(75)
    symbols = [f"S{i}USDT" for i in range(10)]
    with refocused_and_flushed(ours, symbols) as meeting:
        for row, symbol in product(walk, symbols):
            if (row.open_time_ms + MINUTE_MS) % Interval.M15.duration_ms == 0:
                meeting.wait()
            ours.append(symbol, row)
            assert ours.candles(symbol, M1, limit=1).open_time_ms.tolist() == [row.open_time_ms]
    ours.flush(everything=True)
    assert ours.vanished() == ()
    beside = store(tmp_path)
    for symbol in symbols:
        assert list(beside.candles(symbol, M1)) == list(walk)
        for interval in (M5, Interval.M15, H1):
            assert _near(beside.candles(symbol, interval), fold(walk, interval))


def test_memory_stays_small_for_what_is_traded_and_for_the_whole_market(tmp_path):
    ours = DataStore(settings(), home(tmp_path))
    ours.focus(["BTCUSDT", "ETHUSDT", "SOLUSDT"])
    for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
        for interval in Interval:
            ours.merge(random_walk(1500, symbol=symbol, interval=interval))
    ours.flush()
    assert ours.get_cache_stats()["memory_mb"] < 10
    for i in range(550):
        ours.append(f"S{i}USDT", candle())
    assert ours.get_cache_stats()["memory_mb"] < 40


def test_a_store_in_a_shell_loads_neither_network_nor_heavy_libraries(tmp_path):
    program = (
        "import sys; from core.data.data_store import DataStore; s = DataStore();"
        "print(s.get_cache_stats()['files'], s.get_cached_symbols());"
        "print(sorted({'binance', 'websockets', 'aiohttp', 'pandas', 'pyarrow.dataset'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=REPOSITORY,
        env={"TRADING_HOME": str(tmp_path), "PATH": ""},
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["0 []", "[]"]
    assert list(tmp_path.iterdir()) == [], "asking leaves nothing behind"

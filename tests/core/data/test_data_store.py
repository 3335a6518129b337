import json
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.data.data_store import DataStore
from core.model.candles import CandleSeries, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle, candles, home, random_walk, settings

M1, M5, H1 = Interval.M1, Interval.M5, Interval.H1
HOT = 300


def configured(**changes: int):
    base = settings()
    data = base.data.model_copy(update={"hot_candles": HOT} | changes)
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
    assert json.loads(path.read_text()) == {"hits": 0, "misses": 1}


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


@hypothesis_settings(max_examples=25)
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
    ours = store(tmp_path, history_days=1, higher_candles=HOT)
    ours.merge(random_walk(2000))
    ours.merge(random_walk(900, interval=H1))
    ours.flush()
    series = ours.get_cache_stats()["series"]
    assert series["BTCUSDT 1m"]["bars"] == 1440
    assert series["BTCUSDT 1h"]["bars"] == HOT


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


def test_deleting_the_cache_only_costs_a_refill(tmp_path):
    ours, walk = store(tmp_path), random_walk(20)
    append_all(ours, walk.head(10))
    ours.flush()
    for path in home(tmp_path).cache.glob("*.parquet"):
        path.unlink()
    append_all(ours, walk.rows(10, 20))
    ours.flush()
    assert list(ours.candles("BTCUSDT", M1)) == list(walk)
    assert store(tmp_path).get_cached_symbols() == ["BTCUSDT"]


def test_candles_that_could_not_be_saved_are_saved_later(tmp_path):
    ours, cache = store(tmp_path), home(tmp_path).cache
    append_all(ours, random_walk(5))
    obstacle = cache / ".BTCUSDT_1m_history.parquet.draft"
    obstacle.mkdir()
    with pytest.raises(OSError, match=r".+"):
        ours.flush()
    obstacle.rmdir()
    ours.flush()
    assert len(store(tmp_path).candles("BTCUSDT", M1)) == 5


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

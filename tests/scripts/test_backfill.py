"""The script completes what is missing, says what it cannot do, and goes on where it stopped."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from core.config import REPOSITORY
from core.data.backfill import PAGE_ROWS, Backfill
from core.data.data_store import DataStore
from core.data.fold import fold
from core.data.pace import Pace
from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from core.simulator.run import SimulatorOptions, simulate
from scripts.backfill import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE, fill, fold_up
from tests.builders import START_MS, candle, home, settings

DEADLINE_S = 300.0
DAY_BARS = 1_440
NEWEST_MS = START_MS + 3 * DAY_BARS * MINUTE_MS


class History:
    """An exchange that lists the symbol from ``first_ms`` on; the newest bar is unclosed."""

    def __init__(self, first_ms: int = 0) -> None:
        self.asked: list[tuple[int | None, int | None]] = []
        self.first_ms = first_ms

    async def klines(self, symbol, interval, *, start_ms=None, end_ms=None, limit=PAGE_ROWS):
        self.asked.append((start_ms, end_ms))
        last_ms = NEWEST_MS if end_ms is None else min(end_ms, NEWEST_MS)
        step = interval.duration_ms
        first_ms = last_ms - (limit - 1) * step if start_ms is None else start_ms
        times = range(max(first_ms, self.first_ms), last_ms + 1, step)
        return [candle(at_ms, 100.0) for at_ms in times][:limit]


def filled(tmp_path, history, days=2.0, store=None):
    """Fill 1m history and return the store and what was told."""
    store = store or DataStore(settings(), home(tmp_path))
    told: list[tuple[int, int]] = []

    async def no_wait(seconds: float) -> None:
        del seconds

    async def run() -> None:
        series = ("BTCUSDT", Interval.M1, days)
        pace = Pace(1200, sleep=no_wait)
        await fill(store, Backfill(store, history), pace, series, lambda *at: told.append(at))

    asyncio.run(run())
    store.flush(everything=True)
    return store, told


def test_only_missing_bars_are_asked_for_newest_first(tmp_path):
    store = DataStore(settings(), home(tmp_path))
    hole = range(NEWEST_MS - 2_000 * MINUTE_MS, NEWEST_MS - 500 * MINUTE_MS, MINUTE_MS)
    kept = [candle(NEWEST_MS - n * MINUTE_MS, 100.0) for n in range(1, 2 * DAY_BARS + 1)]
    there = [each for each in reversed(kept) if each.open_time_ms not in hole]
    store.merge(CandleSeries.from_candles("BTCUSDT", Interval.M1, there))
    history = History()
    _, told = filled(tmp_path, history, store=store)
    assert told == [(0, 1_500), (1_500, 1_500)]
    assert history.asked[1:] == [(hole[0], hole[-1] + MINUTE_MS - 1)]
    times = store.open_times("BTCUSDT", Interval.M1)
    assert len(times) == 2 * DAY_BARS
    assert times[-1] == NEWEST_MS - MINUTE_MS


def test_a_second_run_finds_nothing_to_do(tmp_path):
    filled(tmp_path, History())
    history = History()
    _, told = filled(tmp_path, history)
    assert told == [(0, 0)]
    assert len(history.asked) == 1


def test_it_stops_where_the_symbol_was_not_listed_yet(tmp_path):
    history = History(first_ms=NEWEST_MS - 100 * MINUTE_MS)
    store, told = filled(tmp_path, history, days=3.0)
    assert len(store.open_times("BTCUSDT", Interval.M1)) == 100
    assert told[-1] == (3 * DAY_BARS, 3 * DAY_BARS)
    assert len(history.asked) <= 3


def test_what_the_minutes_hold_of_higher_candles_is_there_afterwards(tmp_path):
    store, _ = filled(tmp_path, History(), days=3.0)
    assert len(store.open_times("BTCUSDT", Interval.H4)) < 3 * 6 - 1
    known = store.candles("BTCUSDT", Interval.H1)
    fold_up(store, "BTCUSDT")
    store.flush(everything=True)
    again = DataStore(settings(), home(tmp_path))
    minutes = again.candles("BTCUSDT", Interval.M1)
    for interval in (Interval.M5, Interval.H1, Interval.H4, Interval.D1):
        whole = fold(minutes, interval)
        assert list(again.candles("BTCUSDT", interval)) == list(whole.tail(1_500))
    assert list(again.candles("BTCUSDT", Interval.H1))[-len(known) :] == list(known)


def command(tmp_path, port, *arguments):
    environment = os.environ | {
        "TRADING_HOME": str(tmp_path / "home"),
        "BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{port}",
        "BINANCE_FUTURES_WS_URL": f"ws://127.0.0.1:{port}",
    }
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "scripts" / "backfill.py"), *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process):
    out, err = process.communicate(timeout=DEADLINE_S)
    return process.returncode, out + err


def beside_an_exchange(run):
    """Call ``run`` with the port of an exchange that trades two symbols."""

    async def serve():
        ready = asyncio.get_running_loop().create_future()
        options = SimulatorOptions(port=0, symbols=("BTCUSDT", "ETHUSDT"), start_ms=START_MS)
        serving = asyncio.create_task(simulate(options, on_ready=ready.set_result))
        try:
            return await asyncio.to_thread(run, await asyncio.wait_for(ready, DEADLINE_S))
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    return asyncio.run(serve())


def kept(tmp_path, symbol):
    store = DataStore(settings(), home(tmp_path / "home"))
    return store.open_times(symbol, Interval.M1)


@pytest.mark.simulator
def test_the_command_goes_on_after_an_interrupt_and_fills_several_symbols(tmp_path):
    cached = tmp_path / "home" / "data" / "cache" / "BTCUSDT_1m_history.parquet"

    def run(port):
        process = command(tmp_path, port, "--symbol", "BTCUSDT", "--days", "30")
        until_s = time.monotonic() + DEADLINE_S
        while not cached.exists() and process.poll() is None and time.monotonic() < until_s:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        interrupted = finished(process)
        partly = len(kept(tmp_path, "BTCUSDT"))
        both = ["--symbol", "BTCUSDT", "--symbol", "ETHUSDT", "--days", "1"]
        return interrupted, partly, finished(command(tmp_path, port, *both))

    interrupted, partly, complete = beside_an_exchange(run)
    assert interrupted[0] == EXIT_INTERRUPTED, interrupted
    assert 0 < partly < 30 * DAY_BARS
    assert complete[0] == 0, complete
    times = kept(tmp_path, "ETHUSDT")
    assert DAY_BARS <= len(times) <= DAY_BARS + 1
    assert (times[1:] - times[:-1] == MINUTE_MS).all()


@pytest.mark.simulator
def test_a_misspelt_symbol_and_days_beyond_retention_are_status_2_with_what_would_do(tmp_path):
    status, said = beside_an_exchange(
        lambda port: finished(command(tmp_path, port, "--symbol", "BTCUSD"))
    )
    assert status == EXIT_USAGE
    assert "did you mean BTCUSDT" in said
    status, said = finished(command(tmp_path, 9, "--symbol", "BTCUSDT", "--days", "31"))
    assert status == EXIT_USAGE
    assert "data.history_days" in said
    status, said = finished(command(tmp_path, 9, "--symbol", " "))
    assert (status, said) == (EXIT_USAGE, "--symbol: must name a perpetual, such as BTCUSDT\n")


@pytest.mark.simulator
def test_an_exchange_that_cannot_be_reached_is_status_1(tmp_path):
    status, said = finished(command(tmp_path, 9, "--symbol", "BTCUSDT", "--days", "1"))
    assert status == EXIT_FAILED
    assert "unreachable" in said

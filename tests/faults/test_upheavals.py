"""What befalls the machine rather than a frame: no network, sleep, full disks, lost files."""

import asyncio
import errno
import shutil
from pathlib import Path

import pytest

from core.config import Home
from core.data.atomic_file import replace_file
from core.data.candle_file import write_candles
from core.data.data_store import DataStore
from core.data.market_feed import FeedState
from core.data.parquet_log import ParquetLog
from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import home
from tests.faults.cases import DAY_MS, REPAIR_CEILING_S
from tests.faults.client import pointed_at
from tests.faults.scene import Scene, market_in, scene, watched
from tests.faults.verdict import differences, rows_of

pytestmark = [pytest.mark.simulator, pytest.mark.faults]

# Enough for both faults of a gap to be there before it begins: two seconds at this speed.
AHEAD_MS = 20 * MINUTE_MS
# More often than this files are not written.
FLUSH_S = 61.0
SPEED = 600.0
# As many in a row mean that no frame is under way; together less than `silence_s`.
QUIET_LOOKS = 15


async def assert_files_equal_the_exchange(at: Scene, folder: Path) -> None:
    """What another process would read once this one has ended."""
    store = DataStore(pointed_at(at.market.port), Home(folder))
    for symbol in at.client.symbols:
        kept = store.candles(symbol, Interval.M1)
        assert len(kept) >= DAY_MS // MINUTE_MS
        assert not differences(kept, await rows_of(at.market, kept))


def test_the_network_goes_away_and_comes_back(tmp_path):
    async def scenario() -> None:
        async with scene(tmp_path) as at:
            await at.market.go_away()
            await at.until(
                lambda: at.client.feed.status().state is FeedState.RECONNECTING, "the loss is told"
            )
            assert not any(map(at.client.feed.whole, at.client.symbols))
            failed = at.client.clock.monotonic() + 3.0
            await at.until(lambda: at.client.clock.monotonic() > failed, "three seconds away")
            await at.market.open()
            await at.is_well()
            await at.ends_equal()

    asyncio.run(scenario())


async def everything_under_way_was_read(at: Scene) -> None:
    """
    Wait until a client of a mute exchange hears nothing more.

    A frame of before the fall of silence that is read after a leap of the clock would pass for
    news: of a client no better can be asked.
    """
    statistics, quiet_looks, heard = at.client.stream.statistics, 0, -1
    while quiet_looks < QUIET_LOOKS:
        quiet_looks = quiet_looks + 1 if statistics.frames == heard else 0
        heard = statistics.frames
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("hours", [2, 9], ids=["shorter than the window", "longer"])
def test_a_laptop_sleeps_for_hours(tmp_path, hours):
    async def scenario() -> None:
        async with scene(tmp_path) as at:
            await at.market.start({"kind": "mute"})
            await everything_under_way_was_read(at)
            slept_s = hours * 3_600.0
            at.market.clock.move(slept_s / at.market.speed)
            at.client.clock.move(slept_s)
            await at.until(lambda: not at.client.fine, "nothing is called whole")
            await at.market.heal()
            await at.is_well()
            await at.ends_equal()

    asyncio.run(scenario())


def test_frames_leap_hours_ahead_through_a_socket_that_stayed_open(tmp_path):
    async def scenario() -> None:
        async with scene(tmp_path) as at:
            due = {symbol: len(heard) + 300 for symbol, heard in at.client.heard.items()}
            at.market.clock.move(5 * 3_600.0 / at.market.speed)
            await at.until(
                lambda: all(len(at.client.heard[s]) > n for s, n in due.items()),
                "five hours are told",
            )
            at.witness.lies.clear()  # until the first frame after the leap nobody can know of it
            await at.is_well()
            await at.ends_equal()

    asyncio.run(scenario())


@pytest.mark.parametrize("off_ms", [DAY_MS, -DAY_MS], ids=["a day ahead", "a day behind"])
def test_the_local_clock_is_wrong(tmp_path, off_ms):
    async def scenario() -> None:
        async with (
            market_in(tmp_path, SPEED) as market,
            watched(market, tmp_path, clock_ms=lambda: market.now_ms + off_ms) as at,
        ):
            await at.is_well()
            await market.start({"kind": "drop"})
            await at.until(lambda: not at.client.fine, "the loss is told")
            await at.is_well()
            await at.ends_equal()

    asyncio.run(scenario())


def test_a_ban_that_ends_at_a_time_is_not_read_off_a_wrong_clock(tmp_path):
    async def scenario() -> None:
        async with (
            market_in(tmp_path, SPEED) as market,
            watched(market, tmp_path, clock_ms=lambda: market.now_ms - DAY_MS) as at,
        ):
            await at.is_well()
            await market.start({"kind": "rest_error", "status": 418})
            await market.start({"kind": "drop"})
            await at.until(lambda: not at.client.fine, "the loss is told")
            await at.market_passes(5)
            await market.heal()
            at.client.clock.move(REPAIR_CEILING_S)
            await at.is_well()
            await at.ends_equal()

    asyncio.run(scenario())


def test_the_client_restarts_in_the_middle_of_a_bar(tmp_path):
    async def scenario() -> None:
        async with market_in(tmp_path, SPEED) as market:
            for _ in range(3):
                async with watched(market, tmp_path) as at:
                    await at.is_well()
                    await at.until(
                        lambda: market.now_ms % MINUTE_MS in range(20_000, 50_000), "mid-bar"
                    )
                due_ms = market.now_ms + 7 * MINUTE_MS
                await at.until(lambda due_ms=due_ms: market.now_ms > due_ms, "minutes are missed")
            async with watched(market, tmp_path) as at:
                await at.is_well()
                await at.ends_equal()

    asyncio.run(scenario())


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)  # the client may be writing into it just now
    return not folder.exists()


def test_the_cache_is_deleted_while_running(tmp_path):
    async def scenario() -> None:
        async with scene(tmp_path) as at:
            await at.ends_equal()
            at.client.clock.move(FLUSH_S)
            cache = Home(tmp_path).cache
            file = cache / "BTCUSDT_1m_history.parquet"
            await at.until(file.exists, "the files are written")
            await at.until(lambda: _removed(cache), "everything is deleted")
            at.client.clock.move(FLUSH_S)
            await at.until(file.exists, "the files are written anew")
            await at.ends_equal()
            await asyncio.to_thread(at.client.store.flush, everything=True)
            await assert_files_equal_the_exchange(at, tmp_path)

    asyncio.run(scenario())


def test_files_of_the_cache_are_damaged_before_the_start(tmp_path):
    async def scenario() -> None:
        async with market_in(tmp_path, SPEED) as market:
            async with watched(market, tmp_path) as at:
                await at.is_well()
                await at.ends_equal()
            cache = Home(tmp_path).cache
            whole = (cache / "BTCUSDT_1m_history.parquet").read_bytes()
            (cache / "BTCUSDT_1m_history.parquet").write_bytes(whole[: len(whole) // 2])
            (cache / "ETHUSDT_1m_history.parquet").write_bytes(b"<html>503</html>")
            (cache / "BTCUSDT_5m_history.parquet").write_bytes(whole)
            (cache / "ETHUSDT_15m_history.parquet").write_bytes(b"")
            async with watched(market, tmp_path) as at:
                await at.is_well()
                await at.ends_equal()
                assert len(list((cache / "quarantine").iterdir())) == 4

    asyncio.run(scenario())


class Disk:
    """A disk that can be full: files are begun on it and not finished."""

    def __init__(self) -> None:
        self.full = False
        self.failures = 0

    def write(self, series: CandleSeries, path: Path) -> None:
        if not self.full:
            write_candles(series, path)
            return
        self.failures += 1
        replace_file(path, self._half)

    def _half(self, file) -> None:
        file.write(b"PAR1")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_the_disk_is_full_for_a_while(tmp_path):
    async def scenario() -> None:
        disk = Disk()
        cache = home(tmp_path).cache
        async with (
            market_in(tmp_path, SPEED) as market,
            watched(market, tmp_path, log=ParquetLog(cache, write=disk.write)) as at,
        ):
            await at.is_well()
            disk.full = True
            at.client.clock.move(FLUSH_S)
            await at.until(lambda: "No space left" in at.client.store.alarm, "the alarm")
            await at.until(lambda: "No space" in at.client.feed.status().detail, "the page says so")
            await at.is_well()  # streaming goes on
            assert disk.failures
            assert not list(cache.rglob("*.draft"))
            disk.full = False
            at.client.clock.move(FLUSH_S)
            await at.until(lambda: at.client.store.alarm == "", "the alarm ends")
            await at.ends_equal()
            at.client.clock.move(FLUSH_S)
        assert not list(cache.rglob("*.draft"))

    asyncio.run(scenario())


def test_a_gap_that_rest_cannot_fill_stays_visible_until_it_can(tmp_path):
    async def scenario() -> None:
        async with scene(tmp_path) as at:
            client = at.client
            from_ms = Interval.M1.open_time_ms(at.market.now_ms) + AHEAD_MS
            gap = {"kind": "rest_gap", "symbol": "ETHUSDT", "from_ms": from_ms}
            await at.market.start(gap | {"to_ms": from_ms + 4 * MINUTE_MS})
            await at.market.start({"kind": "missing_close", "symbols": ["ETHUSDT"]})
            assert at.market.now_ms < from_ms, "the faults were there before the gap"
            await at.until(lambda: at.market.now_ms > from_ms + 9 * MINUTE_MS, "the gap is past")
            await at.until(  # its patience with bars that may come late, in a quarter of the time
                lambda: client.clock.move(0.02) or client.feed.status().gaps == 4,
                "four bars are told as missing",
            )
            assert [g.bars(Interval.M1) for g in client.feed.gaps("ETHUSDT")] == [4]
            assert not client.feed.whole("ETHUSDT")
            assert not client.feed.whole("ETHUSDT", since_ms=from_ms)
            assert client.feed.gaps("BTCUSDT") == ()
            await at.until(
                lambda: client.feed.whole("ETHUSDT", since_ms=from_ms + 4 * MINUTE_MS),
                "what came after the gap is whole",
            )
            await at.market.heal()
            client.clock.move(FLUSH_S)
            await at.until(lambda: client.feed.status().gaps == 0, "REST has them after all")
            at.unheard_ms = {from_ms + i * MINUTE_MS for i in range(4)}
            await at.is_well()
            await at.ends_equal()

    asyncio.run(scenario())


def test_sockets_are_replaced_under_way_without_a_gap(tmp_path):
    async def scenario() -> None:
        async with scene(tmp_path) as at:
            statistics = at.client.stream.statistics
            at.client.feed.restart()
            await at.until(lambda: statistics.rotations >= 2, "both routes are replaced")
            assert statistics.reconnects == 0
            await at.ends_equal()

    asyncio.run(scenario())

"""The name operators know: made without arguments it cares for the home of the environment."""

import asyncio
import os
import time

import pytest

from core.config import ScheduleSettings
from core.data.data_store import DataStore
from core.model.intervals import Interval
from ops.cache_manager import CacheManager
from ops.schedule.care import alone
from ops.schedule.due import Chore, ChoreRecord, due
from ops.schedule.record import record, recorded
from tests.builders import home as made_home
from tests.builders import random_walk, settings


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    return made_home(tmp_path)


def test_full_maintenance_backs_up_clears_and_tells(home):
    old, young = home.cache / "OLD_1m_history.parquet", home.cache / "NEW_1m_history.parquet"
    for path in (old, young):
        path.write_bytes(b"xx")
    os.utime(old, (time.time() - 40 * 86_400,) * 2)
    told = asyncio.run(CacheManager().run_full_maintenance())
    assert (told["backups"], told["deleted"], told["cache_bytes"]) == (1, 1, 2)
    assert (CacheManager().backup_dir / str(told["backup"])).is_file()
    assert young.exists()
    assert not old.exists()


def test_full_maintenance_counts_as_that_of_the_day(home):
    told = asyncio.run(CacheManager().run_full_maintenance())
    entry = recorded(home)[Chore.DAILY]
    assert f"backup={told['backup']}" in entry.told
    assert Chore.DAILY not in due(
        ScheduleSettings(), recorded(home), entry.succeeded_s, latched=False
    )


def test_what_another_process_did_meanwhile_is_not_done_again(home):
    async def both():
        with alone(home, 0.0):
            waiting = asyncio.ensure_future(CacheManager().run_full_maintenance())
            await asyncio.sleep(0.0)  # it waits for its turn now
            now_s = time.time()
            record(home, {**recorded(home), Chore.DAILY: ChoreRecord(now_s, now_s)})
        return await waiting

    told = asyncio.run(both())
    assert (told["backups"], told["deleted"], told["backup"]) == (0, 0, None)


def test_while_latched_full_maintenance_deletes_nothing(home):
    old = home.cache / "OLD_1m_history.parquet"
    old.write_bytes(b"xx")
    os.utime(old, (time.time() - 40 * 86_400,) * 2)
    home.emergency_latch.touch()
    told = asyncio.run(CacheManager().run_full_maintenance())
    assert (told["backups"], told["deleted"]) == (1, 0)
    assert old.exists()


def test_statistics_of_an_empty_home_are_zero_and_none(home):
    told = CacheManager(home).get_statistics()
    assert (told["backups"], told["newest_backup"], told["database_bytes"]) == (0, None, 0)


@pytest.mark.faults
def test_a_running_store_outlives_the_clean_up_of_its_file(home):
    """What is in memory stays, and what comes then is written to a file that is whole."""
    walk = random_walk(600)
    store = DataStore(settings(), home)
    store.merge(walk.head(500))
    store.flush(everything=True)
    (file,) = home.cache.glob("BTCUSDT_1m_history.parquet")
    os.utime(file, (time.time() - 40 * 86_400,) * 2)
    assert asyncio.run(CacheManager(home).cleanup_old_cache()).candles == (file,)
    assert len(store.candles("BTCUSDT", Interval.M1, limit=500)) == 500
    for candle in walk.rows(500, 600):
        store.append("BTCUSDT", candle)
    store.flush(everything=True)
    kept = DataStore(settings(), home).candles("BTCUSDT", Interval.M1, limit=100)
    assert list(kept.rows(0, 100)) == list(walk.rows(500, 600))

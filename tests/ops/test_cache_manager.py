"""The name operators know: made without arguments it cares for the home of the environment."""

import asyncio
import os
import time

import pytest

from core.data.data_store import DataStore
from core.model.intervals import Interval
from ops.cache_manager import CacheManager
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

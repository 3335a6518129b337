import json
import multiprocessing
import threading
from pathlib import Path

import pytest

from core.data.cache_statistics import CacheStatistics, Tier


def test_counts_add_up_over_restarts(tmp_path):
    path = tmp_path / "statistics.json"
    for _ in range(3):
        statistics = CacheStatistics(path)
        statistics.count(Tier.MEMORY, hit=True)
        statistics.count(Tier.REST, hit=False)
        statistics.persist()
        statistics.persist()
    totals = CacheStatistics(path).totals()
    assert totals == {Tier.MEMORY: (3, 0), Tier.PARQUET: (0, 0), Tier.REST: (0, 3)}


def test_nothing_counted_writes_nothing(tmp_path):
    CacheStatistics(tmp_path / "cache" / "statistics.json").persist()
    assert list(tmp_path.iterdir()) == []


def test_counts_of_the_version_before_are_those_of_the_memory(tmp_path):
    path = tmp_path / "statistics.json"
    path.write_text(json.dumps({"hits": 5, "misses": 2}))
    assert CacheStatistics(path).totals()[Tier.MEMORY] == (5, 2)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "null", '{"memory": 3}', '{"memory": {"hits": Infinity}}', "\x00"]
)
def test_a_file_that_is_no_count_starts_anew(tmp_path, text):
    path = tmp_path / "statistics.json"
    path.write_text(text)
    statistics = CacheStatistics(path)
    assert statistics.totals()[Tier.MEMORY] == (0, 0)
    statistics.count(Tier.MEMORY, hit=True)
    statistics.persist()
    assert CacheStatistics(path).totals()[Tier.MEMORY] == (1, 0)


def test_what_cannot_be_written_is_counted_on(tmp_path):
    path = tmp_path / "statistics.json"
    path.mkdir()
    statistics = CacheStatistics(path)
    statistics.count(Tier.MEMORY, hit=True)
    with pytest.raises(OSError, match=r".+"):
        statistics.persist()
    path.rmdir()
    statistics.persist()
    assert CacheStatistics(path).totals()[Tier.MEMORY] == (1, 0)


def test_threads_that_count_and_persist_at_once_lose_nothing(tmp_path):
    statistics = CacheStatistics(tmp_path / "statistics.json")

    def count() -> None:
        for i in range(2000):
            statistics.count(Tier.MEMORY, hit=True)
            if i % 500 == 0:
                statistics.persist()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statistics.totals()[Tier.MEMORY] == (8000, 0)
    statistics.persist()
    assert CacheStatistics(tmp_path / "statistics.json").totals()[Tier.MEMORY] == (8000, 0)


def _count(path: str) -> None:
    statistics = CacheStatistics(Path(path))
    for _ in range(20):
        statistics.count(Tier.PARQUET, hit=True)
        statistics.persist()


@pytest.mark.simulator
def test_processes_that_persist_at_once_lose_nothing(tmp_path):
    path = tmp_path / "statistics.json"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_count, args=(str(path),)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
        assert process.exitcode == 0
    assert CacheStatistics(path).totals()[Tier.PARQUET] == (60, 0)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"memory": {"hits": 1e400, "misses": 0}}', '{"memory": {"hits": "x"}}']
)
def test_damage_is_told_once_however_often_it_is_met(tmp_path, caplog, text):
    path = tmp_path / "statistics.json"
    path.write_text(text)
    statistics = CacheStatistics(path)
    for _ in range(5):
        assert statistics.totals()[Tier.MEMORY] == (0, 0)
    assert len(caplog.records) == 1
    statistics.count(Tier.MEMORY, hit=True)
    statistics.persist()
    assert CacheStatistics(path).totals()[Tier.MEMORY] == (1, 0)


def test_a_count_too_large_to_be_one_stays_writable(tmp_path):
    path = tmp_path / "statistics.json"
    path.write_text('{"hits": %s, "misses": 0}' % ("9" * 4_000))
    statistics = CacheStatistics(path)
    statistics.count(Tier.MEMORY, hit=True)
    statistics.persist()
    assert CacheStatistics(path).totals()[Tier.MEMORY][0] == 2**53

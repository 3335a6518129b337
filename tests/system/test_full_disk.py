"""A full disk under a running engine: it streams on, raises the alarm, and makes up for it."""

import errno
import os
import subprocess
import time

import pyarrow.parquet as pq
import pytest

from core.config import REPOSITORY
from core.model.intervals import MINUTE_MS
from tests.system.product import MAIN, Exchange, Product, until

pytestmark = pytest.mark.simulator

MINUTES = 15  # of the market, with no room on the disk
LINES_A_MINUTE = 5  # of ours: each part of it that cannot write says so once


@pytest.fixture
def disk(tmp_path):
    """A file system of 64 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("no mount command here")
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def engine(tmp_path, disk):
    """An engine whose home is on that disk, and what it printed."""
    with Exchange(tmp_path) as exchange:
        product = Product(disk, exchange.urls)
        config = tmp_path / "config.yaml"
        text = (REPOSITORY / "config.yaml").read_text()
        config.write_text(text.replace("interval: 15m", "interval: 1m", 1))
        product.environment["TRADING_CONFIG"] = str(config)
        with (tmp_path / "printed").open("wb") as printed:
            process = subprocess.Popen(
                [*MAIN, "trade"], env=product.environment, stdout=printed, stderr=printed
            )
            try:
                yield product, process
            finally:
                process.kill()
                process.wait(60)


def fill(disk):
    """Leave not a byte."""
    filler = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for block in (1 << 20, 1 << 12, 1):
            try:
                while os.write(filler, b"x" * block):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    finally:
        os.close(filler)


def test_it_streams_on_raises_the_alarm_and_leaves_one_row_a_bar(engine, disk, tmp_path):
    product, process = engine
    until(lambda: product.count("decisions") >= 6, what="decisions")
    fill(disk)
    full_from_s = time.monotonic()

    def told(condition):
        assert process.poll() is None, (tmp_path / "printed").read_text()
        health = product.engine_health()
        return health if health and condition(health) else None

    full = until(lambda: told(lambda h: "journal not written for" in h["alarm"]), what="an alarm")
    assert "full" in full["alarm"] or "I/O" in full["alarm"]
    due_ms = full["market_time_ms"] + MINUTES * MINUTE_MS
    late = until(
        lambda: told(lambda h: h["market_time_ms"] >= due_ms and h["feed_state"] == "LIVE"),
        what="a market that goes on",
    )
    assert late["gaps"] == 0
    assert late["beats"] > full["beats"]
    unseen_ms = product.rows("SELECT max(open_time_ms) FROM decisions")[0][0]
    assert unseen_ms < due_ms - MINUTES // 2 * MINUTE_MS, "the disk was not full"

    (disk / "filler").unlink()
    full_minutes = 1 + int((time.monotonic() - full_from_s) / 60)
    until(lambda: told(lambda h: not h["alarm"]), what="the end of the alarm")
    newest = "SELECT max(open_time_ms) FROM decisions"
    until(lambda: product.rows(newest)[0][0] > due_ms, what="rows of what came since")
    process.terminate()
    assert process.wait(300) == 0
    assert_one_row_a_bar(product)
    assert_nothing_half_written(product)
    lines = (tmp_path / "printed").read_text().splitlines()
    assert len(lines) <= LINES_A_MINUTE * full_minutes, "one line a minute"


def assert_one_row_a_bar(product):
    for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
        rows = product.rows(
            "SELECT open_time_ms, outcome FROM decisions "
            f"WHERE symbol = '{symbol}' ORDER BY open_time_ms"
        )
        times = [time_ms for time_ms, _ in rows]
        assert times == list(range(times[0], times[-1] + 1, MINUTE_MS))
        assert "engine_down" not in {outcome for _, outcome in rows}
    assert product.rows("SELECT id FROM signals EXCEPT SELECT signal_id FROM trades") == []


def assert_nothing_half_written(product):
    assert product.rows("PRAGMA integrity_check") == [("ok",)]
    for file in product.home.cache.glob("*.parquet"):
        pq.read_table(file, partitioning=None)
    assert not [path for path in product.home.cache.rglob("*") if "tmp" in path.suffix]

"""A real demo under faults: each is seen, it recovers, and no bar, row or candle is missing."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest

from core.config import REPOSITORY
from core.data.parquet_log import ParquetLog
from core.model.candles import VALUE_COLUMNS
from core.model.intervals import MINUTE_MS
from tests.builders import START_MS, home, random_walk
from tests.faults.chaos.losses import Ledger
from tests.faults.chaos.menu import MENU
from tests.faults.chaos.victim import Look

QUICK = ("kill -9 engine and dashboard", "SIGSTOP engine", "clock leaps a day ahead")
SEED = os.environ.get("CHAOS_SEED", "20261121")


def chaos(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.chaos", "--seed", SEED, *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.simulator
@pytest.mark.faults
def test_killed_and_frozen_processes_are_missed_and_nothing_is_lost():
    told = chaos("--rounds", str(len(QUICK)), "--only", *QUICK)
    assert all(name in told for name in QUICK)


@pytest.mark.soak
def test_every_fault_of_the_menu_is_seen_and_nothing_is_lost():
    told = chaos("--rounds", str(len(MENU)))
    assert all(trouble.name in told for trouble in MENU)


@pytest.fixture
def victim(tmp_path):
    """A journal of three bars and one file of candles, with an exchange that has the same."""
    made, candles = home(tmp_path), random_walk(5, seed=3)
    with closing(sqlite3.connect(made.database)) as connection, connection:
        connection.execute(
            "CREATE TABLE decisions (symbol, interval, open_time_ms, strategy, outcome)"
        )
        connection.execute("CREATE TABLE signals (id, symbol, open_time_ms)")
        connection.execute("CREATE TABLE trades (id, symbol, open_time_ms, source, signal_id)")
        for n in range(3):
            row = ("BTCUSDT", "1m", START_MS + n * MINUTE_MS, "a", "hold")
            connection.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO signals VALUES (1, 'BTCUSDT', 1)")
        connection.execute("INSERT INTO trades VALUES (1, 'BTCUSDT', 1, 'policy', 1)")
    ParquetLog(made.cache).merge(candles, lambda series: series)

    def rows(query):
        with closing(sqlite3.connect(made.database)) as connection, connection:
            return connection.execute(query).fetchall()

    columns = [np.asarray(getattr(candles, name)).tolist() for name in VALUE_COLUMNS]
    told = [
        [int(at), *row[:5], int(at) + MINUTE_MS - 1, row[5], row[6], row[7], row[8], "0"]
        for at, row in zip(candles.open_time_ms, zip(*columns, strict=True), strict=True)
    ]
    product = SimpleNamespace(rows=rows)
    return SimpleNamespace(
        product=product, home=made, exchange=lambda _: Look(200, told), told=told
    )


def test_nothing_is_counted_as_lost_where_nothing_is(victim):
    assert not Ledger(victim).losses()


def test_a_bar_without_a_row_a_row_that_went_and_an_untraded_signal_are_counted(victim):
    ledger = Ledger(victim)
    victim.product.rows(f"DELETE FROM decisions WHERE open_time_ms = {START_MS + MINUTE_MS}")
    found = ledger.losses()
    assert (found.bars, found.rows, found.candles) == (1, 1, 0)
    victim.product.rows("DELETE FROM trades")
    assert ledger.losses().rows == 3
    assert str(ledger.losses()) == "1 bars, 3 rows"


def test_a_candle_that_differs_from_the_exchange_is_counted(victim):
    ledger = Ledger(victim)
    victim.told[2][4] *= 1.01
    assert ledger.losses().candles == 1

"""A writer that is killed at any point loses nothing it had acknowledged."""

import os
import random
import signal as signals
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from core.config import REPOSITORY

ROUNDS = 6

# Writes evaluations n, n + 1, ... and prints each number once it was acknowledged.
WRITER = """
import sys
from itertools import count
from pathlib import Path
from tests.core.journal.builders import decision, key, opened, reading, shadow, signal
journal = opened(Path(sys.argv[1]))
for n in count(int(sys.argv[2])):
    given = signal(key(n)) if n % 2 else None
    journal.record_evaluation(decision(key(n)), signal=given, shadows=[shadow(key(n))])
    journal.add_readings([reading("supertrend", n)])
    print(n, flush=True)
"""


def acknowledged_before_kill(folder: Path, first: int, delay_s: float) -> list[int]:
    """Run the writer, kill it ``delay_s`` after its first acknowledgement."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(first)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        timer = threading.Timer(delay_s, process.send_signal, [signals.SIGKILL])
        timer.start()
        lines += process.stdout.readlines()
        timer.join()
    assert process.returncode == -signals.SIGKILL
    return [int(line) for line in lines if line.endswith("\n")]


@pytest.mark.simulator
def test_killing_the_writer_at_random_points_loses_and_doubles_nothing(tmp_path):
    rng = random.Random(20261121)  # noqa: S311 - repeatable, not secret
    acknowledged: list[int] = []
    for _ in range(ROUNDS):
        # Two bars back: what was written last is repeated, as after a restart.
        first = max(len(acknowledged) - 2, 0)
        done = acknowledged_before_kill(tmp_path, first, rng.uniform(0.0, 0.15))
        acknowledged = sorted({*acknowledged, *done})
        with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert_complete(connection, acknowledged)


def assert_complete(connection: sqlite3.Connection, acknowledged: list[int]) -> None:
    bars = "SELECT (open_time_ms - min(open_time_ms) OVER ()) / 900000 FROM decisions"
    written = sorted(n for (n,) in connection.execute(bars))
    assert written in (acknowledged, [*acknowledged, len(acknowledged)])
    signals_of = "SELECT id FROM signals ORDER BY id"
    ids = connection.execute(signals_of).fetchall()
    assert len(ids) == sum(n % 2 for n in written)
    traded = "SELECT signal_id FROM trades WHERE source = 'policy' ORDER BY signal_id"
    assert ids == connection.execute(traded).fetchall()
    shadowed = "SELECT count(*), count(DISTINCT open_time_ms) FROM trades WHERE source = 'rules'"
    assert connection.execute(shadowed).fetchall() == [(len(written), len(written))]
    linked = "SELECT signal_id FROM decisions WHERE signal_id IS NOT NULL ORDER BY signal_id"
    assert ids == connection.execute(linked).fetchall()

"""Whatever writes can be killed at any moment: nothing acknowledged is lost, nothing mixed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.config import REPOSITORY

pytestmark = pytest.mark.faults

# Seeded points of each kind of work; together more than 200, without those of a restore that
# `test_killed_restore` takes one by one.
POINTS = {
    "writing": 60,
    "migrating": 32,
    "backing up": 26,
    "restoring": 26,
    "saving candles": 18,
    "latching": 12,
    "auditing": 14,
    "rolling back": 10,
    "compacting": 10,
}
SEED = int(os.environ.get("KILL_SEED", "20261121"))


@pytest.fixture
def place():
    """
    A folder in memory where there is such a thing.

    What a killed process has written is there either way; waiting for a disk each time would
    only take minutes.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
    root = memory if os.access(memory, os.W_OK | os.X_OK) else None
    with tempfile.TemporaryDirectory(prefix="killed-", dir=root) as folder:
        yield Path(folder) / "place"


def test_there_are_two_hundred_points():
    assert sum(POINTS.values()) >= 200


@pytest.mark.parametrize(("act", "points"), POINTS.items())
def test_killed_at_seeded_points_it_loses_nothing(act, points, place):
    command = [sys.executable, "-m", "tests.faults.killing", act, str(place)]
    done = subprocess.run(
        [*command, "--seed", str(SEED), "--points", str(points)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{points} points")

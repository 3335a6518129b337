import asyncio

import pytest

from core.journal.errors import JournalError
from core.journal.writer import PATIENCE_S, JournalWriter


class Scene:
    """A writer whose time passes only while it sleeps."""

    def __init__(self):
        self.now_s = 0.0
        self.writer = JournalWriter(monotonic=lambda: self.now_s, sleep=self._sleep)

    async def _sleep(self, for_s):
        self.now_s += for_s

    def write(self, method, *arguments):
        try:
            return asyncio.run(self.writer.write(method, *arguments))
        finally:
            self.writer.close()


def locked_for(times):
    """A method that the database refuses so often."""
    left = times

    def method(value):
        nonlocal left
        if left:
            left -= 1
            raise JournalError("journal.db: database is locked")
        return value

    return method


def test_a_lock_that_passes_costs_nothing_but_time(caplog):
    scene = Scene()
    assert scene.write(locked_for(10), "kept") == "kept"
    assert "database is locked" in caplog.text
    assert scene.now_s >= 10


def test_a_lock_that_stays_is_an_error_when_patience_ends():
    scene = Scene()
    with pytest.raises(JournalError, match="locked"):
        scene.write(locked_for(10_000), "lost")
    assert scene.now_s >= PATIENCE_S


def test_another_failure_is_not_repeated():
    def wrong():
        raise ValueError("a signal of another evaluation")

    with pytest.raises(ValueError, match="another"):
        Scene().write(wrong)

"""
Children that are killed at a seeded moment of their work.

A moment is either a step, the same one whenever the seed is: just before or after a call that
changes files, or so many instructions of SQLite; or a part of the time that the work takes,
which also falls between the reads and writes of one commit, where no step can be seen.
"""

import json
import os
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from io import BytesIO, StringIO
from random import Random
from types import FrameType
from typing import Any

# Calls of the system and of files, each a step before it and one after.
_CALLS = frozenset(
    {
        *("open", "write", "pwrite", "flush", "fsync", "close", "truncate", "ftruncate"),
        *("rename", "replace", "unlink", "remove", "rmdir", "mkdir", "link", "sendfile"),
        *("copy_file_range", "flock", "commit", "backup"),
    }
)
# Of which some methods have the same names.
_NO_FILES = (str, bytes, bytearray, list, set, datetime, StringIO, BytesIO)
_INSTRUCTIONS = 40  # of SQLite between two steps: a small transaction has some hundred
_SQLITE = "instructions of SQLite"
_STEPS_SHARE = 0.6
_MEASURED = 3


class Steps:
    """
    Notes what this process does to files, and kills it at one of the steps.

    Args:
        at: The step at which the process ends; None only notes.
    """

    def __init__(self, at: int | None) -> None:
        self.kinds: list[str] = []
        self._at = at

    def watch(self) -> None:
        """From here on, for good."""
        connect = sqlite3.connect

        def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **options)
            connection.set_progress_handler(lambda: self._step(_SQLITE), _INSTRUCTIONS)
            return connection

        sqlite3.connect = counted
        sys.setprofile(self._called)

    def _called(self, frame: FrameType, event: str, called: Any) -> None:
        if event in {"c_call", "c_return"} and called.__name__ in _CALLS:
            owner = type(getattr(called, "__self__", None))
            if not issubclass(owner, _NO_FILES):
                self._step(f"{owner.__name__} {called.__name__} {event}")

    def _step(self, kind: str) -> int:
        if len(self.kinds) == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.kinds.append(kind)
        return 0


class Work:
    """
    What is killed again and again, each time in a child of its own.

    Args:
        act: What a child does.
        prepare: Puts everything back to where it was before.
    """

    def __init__(
        self, act: Callable[[], object], prepare: Callable[[], object] = lambda: None
    ) -> None:
        self._act = act
        self._prepare = prepare
        self._steps: dict[str, list[int]] = defaultdict(list)
        self._takes_s = self._measured()

    def killed(self, random: Random) -> str:
        """
        Kill it at a random moment, never after its end; return where that was.

        Each kind of step comes as often as any other, however rare it is in the work.
        """
        while True:
            self._prepare()
            if random.random() < _STEPS_SHARE:
                kind = random.choice(sorted(self._steps))
                step, after_s = random.choice(self._steps[kind]), None
                place = f"step {step}, {kind}"
            else:
                step, after_s = None, random.random() * self._takes_s
                place = f"{1e3 * after_s:.2f} of {1e3 * self._takes_s:.2f} ms"
            if killed(fork(self._watched(step)), after_s):
                return place

    def _watched(self, step: int | None) -> Callable[[], object]:
        def act() -> None:
            if step is not None:
                Steps(step).watch()
            self._act()

        return act

    def _measured(self) -> float:
        """Let it come to its end, for its steps and then for its seconds."""
        with tempfile.TemporaryFile("w+") as told:

            def noting() -> None:
                steps = Steps(None)
                steps.watch()
                self._act()
                sys.setprofile(None)
                json.dump(steps.kinds, told)
                told.flush()

            self._prepare()
            assert not killed(fork(noting)), "somebody else killed it"
            told.seek(0)
            for number, kind in enumerate(json.load(told)):
                self._steps[kind].append(number)
        # The quickest of some: after one that was held up most moments would be after the end.
        return min(self._seconds() for _ in range(_MEASURED))

    def _seconds(self) -> float:
        self._prepare()
        begun_s = time.perf_counter()
        assert not killed(fork(self._act)), "somebody else killed it"
        return time.perf_counter() - begun_s


def fork(act: Callable[[], object]) -> int:
    """Let a child do it; whatever it raises is printed and ends it with status 1."""
    child = os.fork()
    if not child:
        try:
            act()
        except BaseException:  # noqa: BLE001 - a child must never come back into its parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def killed(child: int, after_s: float | None = None) -> bool:
    """Wait for a child, killing it after so many seconds; tell whether it was killed."""
    if after_s is not None:
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, -signal.SIGKILL}, f"it failed by itself: {status}"
    return status != 0

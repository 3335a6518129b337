"""Takes messages to one target in a thread of its own: it may hang, refuse, or be away long."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from ops.alarms.message import Message
from ops.alarms.state_file import TargetState

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 50
"""More than the book tells in two hours; then the oldest goes."""
FIRST_RETRY_S: Final = 5.0
LONGEST_RETRY_S: Final = 300.0
MOST_KEPT: Final = 10
"""Messages that survive a restart; the newest say how things are."""
GIVEN_UP_S: Final = 6 * 3600.0
"""A line that was down for a night: what it would tell then, nobody asks for any more."""
_REFUSED: Final = "not taken: unreachable, or it refused (see the lines of apprise in the log)"


class Target(Protocol):
    """Where messages go."""

    @property
    def name(self) -> str:
        """Which one it is, without its address."""

    def send(self, message: Message) -> bool:
        """Send one now and tell whether it went; blocks, and raises nothing."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    message: Message
    since_s: float


class Courier:
    """
    One target's queue and thread; the thread begins with the first message.

    Args:
        clock_s: Monotonic.
        retry_s: First and longest wait after a failure; it doubles in between.
    """

    def __init__(
        self,
        target: Target,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        retry_s: tuple[float, float] = (FIRST_RETRY_S, LONGEST_RETRY_S),
    ) -> None:
        self._target = target
        self._clock_s = clock_s
        self._first_s, self._longest_s = retry_s
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._state = _Counts()
        self._failures = 0
        self._is_closing = False
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The target's."""
        return self._target.name

    def take(self, message: Message) -> None:
        """Have a message sent as soon as it can be; never blocks."""
        with self._changed:
            if len(self._queue) >= MOST_WAITING:
                self._queue.popleft()
                self._state.dropped += 1
            self._queue.append(_Waiting(message, self._clock_s()))
            if self._thread is None:
                # A daemon: nothing that hangs there may hold up the end of the process.
                name = f"alarms-{self._target.name}"
                self._thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def state(self) -> TargetState:
        """Return how it goes."""
        with self._changed:
            counts = self._state
            return TargetState(
                self._target.name,
                counts.sent,
                counts.failed,
                counts.dropped,
                len(self._queue),
                counts.trouble,
                tuple(waiting.message for waiting in self._queue)[-MOST_KEPT:],
            )

    def close(self, timeout_s: float) -> None:
        """Try what waits once more, for so long; what does not go is in the `state`."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._is_closing)
                if not self._queue:
                    return
                waiting = self._queue[0]
            went = self._target.send(waiting.message)
            with self._changed:
                self._settle(waiting, went=went)
                if not went and self._is_closing:
                    return
                if not went:
                    wait_s = min(self._first_s * 2.0 ** (self._failures - 1), self._longest_s)
                    self._changed.wait_for(lambda: self._is_closing, wait_s)

    def _settle(self, waiting: _Waiting, *, went: bool) -> None:
        """Count an attempt; a message that went or is too old leaves the queue."""
        counts, name = self._state, self._target.name
        is_over = self._clock_s() - waiting.since_s >= GIVEN_UP_S
        if self._queue and self._queue[0] is waiting and (went or is_over):
            self._queue.popleft()
            counts.dropped += 0 if went else 1
        if went:
            if self._failures:
                logger.info("alarms reach target=%r again", name)
            counts.sent, counts.trouble, self._failures = counts.sent + 1, "", 0
            return
        if not self._failures:
            logger.warning("alarms do not reach target=%r reason=%s", name, _REFUSED)
        counts.failed, counts.trouble = counts.failed + 1, _REFUSED
        self._failures += 1


@dataclass(slots=True)
class _Counts:
    sent: int = 0
    failed: int = 0
    dropped: int = 0
    trouble: str = ""

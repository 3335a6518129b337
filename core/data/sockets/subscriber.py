"""Brings what a connection is subscribed to in line with what is wanted, command by command."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from core.data.binance_messages import Acknowledgement
from core.data.sockets.commands import (
    STREAMS_PER_COMMAND,
    SUBSCRIBE,
    UNSUBSCRIBE,
    Pace,
    command,
)
from core.data.sockets.events import Connected
from core.data.sockets.watches import Watches
from core.data.sockets.wiring import Wiring
from core.data.websocket import Socket

logger = logging.getLogger(__name__)

ANSWER_WITHIN_S = 5.0
# What was refused may have been so for a passing reason.
ASK_AGAIN_S = 60.0
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class _Asked:
    request_id: int
    method: str
    names: tuple[str, ...]
    answer: asyncio.Future[Acknowledgement]


class Subscriber:
    """
    The commands of one connection.

    Attributes:
        settled: Whether everything wanted so far was acknowledged, or refused for good.

    Args:
        busy: Whether nothing is read just now, so that no answer can be expected.
    """

    def __init__(
        self, wiring: Wiring, watches: Watches, label: str, busy: Callable[[], bool]
    ) -> None:
        self.settled = False
        self._wiring = wiring
        self._watches = watches
        self._label = label
        self._busy = busy
        self._pace = Pace()
        self._active: set[str] = set()
        self._refused: dict[str, float] = {}  # and when
        self._revived: set[str] = set()
        self._changed = asyncio.Event()
        self._changed.set()
        self._last_id = 0
        self._asked: _Asked | None = None

    def wake(self) -> None:
        """Look again at what is wanted."""
        self.settled = False
        self._changed.set()

    def answered(self, answer: Acknowledgement) -> None:
        """Take the exchange's answer to a command."""
        asked = self._asked
        if asked is not None and asked.request_id == answer.request_id:
            # Here and not where it is waited for: the next frame may be data of these streams.
            if asked.method == SUBSCRIBE and not answer.error and not asked.answer.done():
                self._joined(asked.names)
            if not asked.answer.done():
                asked.answer.set_result(answer)
        elif answer.error:
            self._complain(answer.error, ())

    def revive(self, now_s: float) -> None:
        """Subscribe anew to streams that are overdue though acknowledged, or were refused."""
        if not self.settled:
            return
        if any(now_s - refused_s >= ASK_AGAIN_S for refused_s in self._refused.values()):
            self._refused.clear()
            self.wake()
        for name, watch in self._watches.by_name.items():
            if name in self._active and watch.worth_reviving(now_s):
                watch.revived_s = now_s
                logger.warning(
                    "stream overdue, subscribing it anew: stream=%s socket=%s", name, self._label
                )
                self._revived.add(name)
                self.wake()

    async def run(self, socket: Socket) -> NoReturn:
        """
        Follow what is wanted until cancelled.

        Raises:
            ConnectionError: If the connection is gone or commands stay unanswered.
        """
        while True:
            await self._changed.wait()
            self._changed.clear()
            while leaving := self._leaving():
                await self._leave(socket, leaving[:STREAMS_PER_COMMAND])
            while missing := self._missing():
                await self._join(socket, missing[:STREAMS_PER_COMMAND])
            if again := self._wanted_again():
                self._joined(again)
            self.settled = not self._changed.is_set()

    def _leaving(self) -> list[str]:
        wanted = self._watches.by_name
        return [name for name in self._active if name not in wanted or name in self._revived]

    def _missing(self) -> list[str]:
        wanted = self._watches.by_name
        self._refused = {name: at for name, at in self._refused.items() if name in wanted}
        return [name for name in wanted if name not in self._active and name not in self._refused]

    def _wanted_again(self) -> list[str]:
        """Return what was given up and wanted again before the exchange could be told."""
        watches = self._watches.by_name.values()
        return [w.name for w in watches if w.acknowledged_s is None and w.name in self._active]

    async def _leave(self, socket: Socket, names: Sequence[str]) -> None:
        answer = await self._ask(socket, UNSUBSCRIBE, names)
        if answer.error:
            self._complain(answer.error, names)
        self._active.difference_update(names)
        self._revived.difference_update(names)

    async def _join(self, socket: Socket, names: Sequence[str]) -> None:
        answer = await self._ask(socket, SUBSCRIBE, names)
        if not answer.error:
            return
        if len(names) > 1:  # one bad name refuses all; halving finds it
            half = len(names) // 2
            await self._join(socket, names[:half])
            await self._join(socket, names[half:])
        else:
            self._complain(answer.error, names)
            self._refused[names[0]] = self._wiring.monotonic()
            if watch := self._watches.by_name.get(names[0]):
                watch.refused = answer.error

    def _joined(self, names: Sequence[str]) -> None:
        now_s = self._wiring.monotonic()
        self._active.update(names)
        if self._watches.link.up_since_s is None:
            self._watches.link.up_since_s = now_s
        for name in names:
            if watch := self._watches.by_name.get(name):
                watch.refused = ""
                if watch.acknowledged_s is None:  # else it was subscribed anew
                    watch.acknowledged_s = now_s
        self._wiring.sink(Connected(frozenset(names)))

    async def _ask(self, socket: Socket, method: str, names: Sequence[str]) -> Acknowledgement:
        """Send a command and return the answer; one that gets none is sent once more."""
        for _ in range(_ATTEMPTS):
            await self._wiring.sleep(self._pace.reserve(self._wiring.monotonic()))
            self._last_id += 1
            answer: asyncio.Future[Acknowledgement] = asyncio.get_running_loop().create_future()
            self._asked = _Asked(self._last_id, method, tuple(names), answer)
            await socket.send(command(method, names, self._last_id))
            while not answer.done():
                await asyncio.wait({answer}, timeout=ANSWER_WITHIN_S)
                if not self._busy():
                    break
            if answer.done():
                return answer.result()
        waited_s = _ATTEMPTS * ANSWER_WITHIN_S
        raise ConnectionError(f"no answer to {method} of {len(names)} streams for {waited_s:g} s")

    def _complain(self, error: str, names: Sequence[str]) -> None:
        if self._wiring.complaints.due(f"command refused: {error}"):
            logger.warning(
                "WebSocket command refused: reason=%s socket=%s streams=%s",
                error,
                self._label,
                ",".join(names) or "unknown",
            )

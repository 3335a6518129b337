"""Sockets that play scripts, in a time that passes only when everybody waits."""

import asyncio
import json
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

START_S = 1000.0


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: what would have been waited for has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = START_S

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits, and nothing will ever happen"
            self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose hours take no time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def in_virtual_time(scenario: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(scenario)


def now_s() -> float:
    """The time of the running loop, for whoever wants a monotonic clock."""
    return asyncio.get_running_loop().time()


# A frame; an error to raise; seconds without a frame; something to call in between.
Step: TypeAlias = str | bytes | Exception | float | Callable[[], None]
Answer: TypeAlias = Callable[[dict[str, Any]], str | None]


def accepted(command: dict[str, Any]) -> str | None:
    return json.dumps({"result": None, "id": command["id"]})


class ScriptedSocket:
    """Answers commands; plays its script once something is subscribed, then stays silent."""

    def __init__(self, url: str, steps: Sequence[Step], answer: Answer = accepted) -> None:
        self.url = url
        self.commands: list[dict[str, Any]] = []
        self.commanded_s: list[float] = []
        self.streams: set[str] = set()
        self.open = True
        self._steps = list(steps)
        self._answer = answer
        self._frames: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._player: asyncio.Task[None] | None = None

    async def receive(self) -> bytes:
        frame = await self._frames.get()
        if isinstance(frame, Exception):
            raise frame
        return frame

    async def send(self, text: str) -> None:
        command = json.loads(text)
        self.commands.append(command)
        self.commanded_s.append(now_s())
        answer = self._answer(command)
        if answer is not None:
            self.push(answer)
            if "error" not in answer:
                self._subscribed(command)
        if self._player is None:
            self._player = asyncio.create_task(self._play())

    def push(self, frame: str | bytes | Exception) -> None:
        self._frames.put_nowait(frame.encode() if isinstance(frame, str) else frame)

    async def close(self) -> None:
        self.open = False
        if self._player is not None:
            self._player.cancel()
            with suppress(asyncio.CancelledError):
                await self._player

    def _subscribed(self, command: dict[str, Any]) -> None:
        names = set(command["params"])
        if command["method"] == "SUBSCRIBE":
            self.streams |= names
        else:
            self.streams -= names

    async def _play(self) -> None:
        for step in self._steps:
            if isinstance(step, float | int):
                await asyncio.sleep(step)
            elif isinstance(step, str | bytes | Exception):
                self.push(step)
            else:
                step()


class ScriptedExchange:
    """Each connect gets the next script, or raises it; after the last nobody answers any more."""

    def __init__(self, *scripts: Sequence[Step] | Exception, answer: Answer = accepted) -> None:
        self.urls: list[str] = []
        self.connected_s: list[float] = []
        self.sockets: list[ScriptedSocket] = []
        self._scripts = list(scripts)
        self._answer = answer

    @property
    def open(self) -> int:
        return sum(socket.open for socket in self.sockets)

    @asynccontextmanager
    async def connect(self, url: str) -> AsyncIterator[ScriptedSocket]:
        self.urls.append(url)
        self.connected_s.append(now_s())
        if not self._scripts:
            await asyncio.sleep(1e9)
        script = self._scripts.pop(0)
        if isinstance(script, Exception):
            raise script
        socket = ScriptedSocket(url, script, self._answer)
        self.sockets.append(socket)
        try:
            yield socket
        finally:
            await socket.close()


class LivingExchange:
    """Sends every subscribed stream once a second, in the form that ``frame_of`` gives it."""

    def __init__(self, frame_of: Callable[[str], str | None], answer: Answer = accepted) -> None:
        self.sockets: list[ScriptedSocket] = []
        self.connected_s: list[float] = []
        self.silent: set[str] = set()
        self.mute: set[ScriptedSocket] = set()
        self.refusal: Exception | None = None
        self._frame_of = frame_of
        self._answer = answer

    @property
    def open(self) -> list[ScriptedSocket]:
        return [socket for socket in self.sockets if socket.open]

    @asynccontextmanager
    async def connect(self, url: str) -> AsyncIterator[ScriptedSocket]:
        self.connected_s.append(now_s())
        if self.refusal is not None:
            raise self.refusal.with_traceback(None)
        socket = ScriptedSocket(url, (), self._answer)
        self.sockets.append(socket)
        beating = asyncio.create_task(self._beat(socket))
        try:
            yield socket
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
            await socket.close()

    async def _beat(self, socket: ScriptedSocket) -> None:
        while True:
            await asyncio.sleep(1.0)
            if socket not in self.mute:
                for name in sorted(socket.streams - self.silent):
                    if frame := self._frame_of(name):
                        socket.push(frame)

"""One recording: which streams, which REST answers a replay will need, and for how long."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import Settings
from core.data.binance_client import BinanceClient, Client
from core.data.binance_rest import BinanceRest
from core.data.binance_stream import BinanceStream, Disconnected, StreamEvent
from core.data.errors import RestError
from core.data.recording.errors import RecordingError
from core.data.recording.lines import REST, Header, RestAnswer
from core.data.recording.plan import Plan
from core.data.recording.rest_tap import OverheardClient
from core.data.recording.writer import RecordingWriter
from core.data.symbol_names import nearest_symbols
from core.model.intervals import Interval

logger = logging.getLogger(__name__)

_POLL_S = 0.2
_CLOSING_S = 10.0
_HISTORY_BARS = 1500
# As many as are had at the same price; of the most, what a replay is asked for at its end.
_LEAST_CLOSING_BARS, _MOST_CLOSING_BARS = 99, 499
_DEPTH_LEVELS = 1000


@dataclass(slots=True)
class Progress:
    """How far a recording is, for whoever watches it."""

    seconds: float = 0.0
    writer: RecordingWriter | None = None
    trouble: str = ""

    def told(self) -> str:
        """Say how much was recorded, what was not, and what went wrong last."""
        if self.writer is None:
            return "starting"
        counts = ", ".join(f"{n:,} {route}" for route, n in sorted(self.writer.frames.items()))
        parts = [f"{counts or 'no'} frames, {self.writer.size_bytes / 1e6:.1f} MB"]
        if self.writer.dropped:
            parts.append(f"{self.writer.dropped:,} DROPPED (the disk is too slow)")
        return "; ".join([*parts, self.trouble] if self.trouble else parts)


class Session:
    """
    Records until its time is over or `stop` is called.

    Args:
        settings: Where the exchange is.
        plan: What is recorded.
        folder: Where to; must not hold a recording.
        clock_ns: UTC, stamped on each answer of REST; frames are stamped by the stream.
    """

    def __init__(
        self,
        settings: Settings,
        plan: Plan,
        folder: Path,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.progress = Progress()
        self._settings = settings
        self._plan = plan
        self._folder = folder
        self._clock_ns = clock_ns
        self._monotonic = monotonic
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End the recording with whole files."""
        self._stopped.set()

    async def run(self) -> None:
        """
        Record.

        Raises:
            RecordingError: If a symbol is unknown, the exchange refuses us or the disk fails.
        """
        writer = RecordingWriter(self._folder, self._headers())
        self.progress.writer = writer
        try:
            with writer:
                await self._record(writer)
        finally:
            if not writer.frames.keys() - {REST}:
                writer.discard()
        if writer.failure is not None:
            raise writer.failure
        if not writer.frames.keys() - {REST}:
            reason = self.progress.trouble or "connected, but nothing was sent"
            raise RecordingError(f"no frame was recorded: {reason}")

    async def _record(self, writer: RecordingWriter) -> None:
        async with BinanceRest(self._settings, connect=self._overhearing(writer)) as rest:
            await self._check_symbols(rest)
            work = [self._listen(writer), self._remember(rest)]
            tasks = [asyncio.create_task(part) for part in work]
            try:
                await self._wait(writer, tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            if writer.frames.keys() - {REST}:
                await self._conclude(rest)

    def _headers(self) -> tuple[Header, ...]:
        exchange, plan = self._settings.exchange, self._plan
        streams = {**plan.streams, REST: ()}
        return tuple(
            Header(route, self._clock_ns(), exchange.rest_url, exchange.ws_url, plan.symbols, names)
            for route, names in streams.items()
        )

    def _overhearing(
        self, writer: RecordingWriter
    ) -> Callable[[Settings, Callable[[str], None]], Client]:
        def note(path: str, query: dict[str, Any], body: Any) -> None:
            now_ns = self._clock_ns()
            answer = RestAnswer(now_ns, path, {k: str(v) for k, v in query.items()}, body)
            writer.take(REST, answer.payload(), now_ns)

        return lambda settings, observe: OverheardClient(BinanceClient(settings, observe), note)

    async def _check_symbols(self, rest: BinanceRest) -> None:
        try:
            known = (await rest.exchange_info()).instruments
        except RestError as error:
            self._trouble(f"REST is missing from this recording: {error}")
            return
        for symbol in self._plan.symbols:
            if symbol not in known:
                near = ", ".join(nearest_symbols(symbol, known))
                hint = f"; did you mean {near}?" if near else ""
                raise RecordingError(f"the exchange does not list {symbol}{hint}")

    async def _listen(self, writer: RecordingWriter) -> None:
        def hear(event: StreamEvent) -> None:
            if isinstance(event, Disconnected):
                self.progress.trouble = event.reason  # the stream has logged it

        streams = [name for names in self._plan.streams.values() for name in names]
        await BinanceStream(self._settings, tap=writer.take).run(streams, hear)

    async def _remember(self, rest: BinanceRest) -> None:
        """Ask for the past: what a replay answers when the product fills its charts."""
        try:
            await rest.quote_volumes()
            for interval in self._plan.intervals:
                for symbol in self._plan.symbols:
                    await rest.klines(symbol, interval, limit=_HISTORY_BARS)
            # By now changes come in: a snapshot older than the first of them would be of no use.
            for symbol in self._plan.symbols if self._plan.depth else ():
                await rest.depth(symbol, limit=_DEPTH_LEVELS)
        except RestError as error:
            self._trouble(f"history is missing from this recording: {error}")

    async def _wait(self, writer: RecordingWriter, tasks: Sequence[asyncio.Task[None]]) -> None:
        started_s = self._monotonic()
        while not self._stopped.is_set():
            self.progress.seconds = self._monotonic() - started_s
            if self._plan.seconds is not None and self.progress.seconds >= self._plan.seconds:
                return
            if writer.failure is not None:
                return
            for task in tasks:
                if task.done():
                    task.result()  # nobody else would hear of its failure
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _POLL_S)

    async def _conclude(self, rest: BinanceRest) -> None:
        """Keep what the exchange says of the recorded minutes: what frames missed is there."""
        minutes = int(self.progress.seconds // 60) + 2
        limit = max(_LEAST_CLOSING_BARS, min(minutes, _MOST_CLOSING_BARS))
        try:
            async with asyncio.timeout(_CLOSING_S):
                for symbol in self._plan.symbols:
                    await rest.klines(symbol, Interval.M1, limit=limit)
        except (RestError, TimeoutError) as error:
            self._trouble(f"the last candles are missing from this recording: {error}")

    def _trouble(self, reason: str) -> None:
        self.progress.trouble = reason
        logger.warning("recording: %s", reason)

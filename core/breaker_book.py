"""The breakers of the paper accounts: kept in the journal, resumed on request."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.resume_request import RESUME_TRADING, RESUMED_TRADING, ResumeRequest
from core.model.source import SHADOWS, Source
from core.trading.account import Halt
from core.trading.breakers import BreakerLimits, Breakers, BreakerStateError

logger = logging.getLogger(__name__)

# A baseline is there to be measured, and nobody looks after it: what would wait for a person stops
# it only when all is lost.
_BASELINE_DRAWDOWN_PCT = 100.0


def breakers_key(source: Source) -> str:
    """Return the key of the control table under which an account's breakers are kept."""
    return f"breakers.{source.value}"


class BreakerBook:
    """
    Tell which losses forbid entries.

    The drawdown breaker is for accounts that people look after: one that only shadows another
    would stand still from its first bad stretch on, and nothing could be compared with it.

    A state is written whenever something changes that a restart must not lose: a day's start,
    a new peak, a breaker that trips. In a market that wanders these are few: some tens a day and
    account. What was seen since the newest write is read back from the equity curve.

    Args:
        latch: Returns why nothing may be entered in any account; empty when it may.
        offer: Runs a journal method on the process's one writer thread, if that can be done now;
            a write that is left out is offered again with the next observation.
    """

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        *,
        limits: BreakerLimits,
        latch: Callable[[], str],
        offer: Callable[..., Awaitable[None]],
    ) -> None:
        self._journal = journal
        self._reader = reader
        baseline = replace(limits, max_drawdown_pct=_BASELINE_DRAWDOWN_PCT)
        self._limits = {s: baseline if s in SHADOWS else limits for s in Source}
        self._latch = latch
        self._offer = offer
        self._states: dict[Source, Breakers] = {}
        self._saved: dict[Source, Breakers] = {}
        # Why an account's losses are not known: what is kept of them, or its equity, is unsound.
        self._unreadable: dict[Source, str] = {}
        self._unvalued: dict[Source, str] = {}
        self._obeyed = self._confirmed = 0
        self._ignored: str | None = None
        self._is_deaf = False

    def recover(self) -> None:
        """
        Read the kept states, and observe the equity curve from there on.

        A state that cannot be read halts its account until it is resumed by hand.

        Raises:
            JournalError: If the journal cannot be read.
        """
        for source in Source:
            text = self._reader.control(breakers_key(source))
            try:
                self._recover(source, None if text is None else Breakers.from_json(text))
            except BreakerStateError as error:
                self._unreadable[source] = f"{breakers_key(source)} in the journal is {error}"
                logger.error("entries are blocked: source=%s reason=%s", source.value, error)  # noqa: TRY400 - it says it all
        asked = self._reader.control(RESUME_TRADING)
        with suppress(ValueError):  # one that cannot be read was never obeyed
            # Asked of an engine before this one.
            self._obeyed = self._confirmed = ResumeRequest.from_json(asked or "").number

    async def observe(self, source: Source, at_ms: int, equity: float) -> None:
        """
        Take note of an account's equity at an instant of market time.

        Raises:
            JournalError: If the journal fails for a reason that waiting does not cure.
        """
        if source in self._unreadable:
            return
        if not math.isfinite(equity):
            self._unvalued[source] = f"equity is {equity}"
            return
        self._unvalued.pop(source, None)
        stood = {halt.code for halt in self._tripped(source)}
        self._observe(source, at_ms, equity)
        for halt in self._tripped(source):
            if halt.code not in stood:
                logger.warning(
                    "entries are blocked: source=%s reason=%s", source.value, halt.reason
                )
        await self._keep(source)

    def halts(self, source: Source, at_ms: int | None) -> tuple[Halt, ...]:
        """
        Return why an account may enter nothing at an instant of market time.

        None stands for the newest observation: after a start the market's time is not known yet.
        """
        state, latched = self._states.get(source), self._latch()
        found = [Halt("emergency", latched)] if latched else []
        unknown = self._unreadable.get(source) or self._unvalued.get(source)
        if state is None and not unknown:
            unknown = "the account has not been valued yet"
        if unknown:
            found.append(Halt("breaker_state", unknown))
        if state is None:
            return tuple(found)
        return (*found, *state.halts(state.at_ms if at_ms is None else at_ms))

    def resume(self, *, who: str, reason: str) -> tuple[Source, ...]:
        """
        Let go of the drawdown breaker where people look after it, and of what cannot be read.

        Daily losses and the emergency latch stay. The accounts whose breaker could not be read
        begin anew with their next observation.

        Returns:
            The accounts in which something was let go.
        """
        resumed = []
        for source in Source:
            state = self._states.get(source)
            if source in self._unreadable:
                words = self._unreadable.pop(source)
            elif source not in SHADOWS and state is not None and state.drawdown_at is not None:
                words = f"equity {state.equity:.2f}, peak {state.peak:.2f}"
                self._states[source] = state.resumed()
            else:
                continue
            logger.warning(
                "trading resumed by hand: source=%s who=%s reason=%s before=%s",
                source.value,
                who,
                reason,
                words,
            )
            resumed.append(source)
        return tuple(resumed)

    async def obey(self) -> None:
        """
        Resume if that was asked for since we run; to be called once in a while.

        Raises:
            JournalError: If the journal cannot be written for a reason that waiting does
                not cure.
        """
        try:
            text = await asyncio.to_thread(self._reader.control, RESUME_TRADING)
        except JournalError as error:
            if not self._is_deaf:
                logger.warning("requests to resume not read: reason=%s", error)
            self._is_deaf = True
            return
        self._is_deaf = False
        if text is not None and text != self._ignored:
            self._consider(text)
        if self._confirmed < self._obeyed:
            for source in tuple(self._states):  # others are added while a write is awaited
                await self._keep(source)
            await self._offer(self._confirm, self._obeyed)

    def _consider(self, text: str) -> None:
        try:
            request = ResumeRequest.from_json(text)
        except ValueError as error:
            self._ignored = text
            logger.warning("request to resume ignored: reason=%s", error)
            return
        if request.number > self._obeyed:
            self._obeyed = request.number
            self.resume(who=request.who, reason=request.reason)

    def _recover(self, source: Source, kept: Breakers | None) -> None:
        since_ms = 0
        if kept is not None:
            self._saved[source] = kept
            if source in SHADOWS and kept.drawdown_at is not None and kept.equity > 0.0:
                kept = kept.resumed()  # an older version held baselines to the limit
            self._states[source] = kept
            since_ms = kept.at_ms
        for point in self._reader.equity_curve(since_ms, source=source):
            if math.isfinite(point.equity):
                self._observe(source, point.at_ms, point.equity)
        for halt in self._tripped(source):
            logger.warning("entries stay blocked: source=%s reason=%s", source.value, halt.reason)

    def _observe(self, source: Source, at_ms: int, equity: float) -> None:
        before = self._states.get(source) or Breakers.begun(at_ms, equity)
        self._states[source] = before.observed(at_ms, equity, self._limits[source])

    def _tripped(self, source: Source) -> tuple[Halt, ...]:
        state = self._states.get(source)
        return state.halts(state.at_ms) if state is not None else ()

    async def _keep(self, source: Source) -> None:
        saved = self._saved.get(source)
        if saved is None or saved.standing != self._states[source].standing:
            await self._offer(self._save, source)

    def _save(self, source: Source) -> None:
        """Write the state as it is when its turn has come."""
        state = self._states[source]
        self._journal.set_control(breakers_key(source), state.to_json(), state.at_ms)
        self._saved[source] = state

    def _confirm(self, number: int) -> None:
        at_ms = max((state.at_ms for state in self._states.values()), default=0)
        self._journal.set_control(RESUMED_TRADING, str(number), at_ms)
        self._confirmed = number

"""The engine's sign of life, and its ear for what other processes ask of the feed."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from itertools import islice

from core.data.feed_status import FeedState
from core.data.feed_troubles import feed_troubles
from core.data.market_feed import MarketFeed
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.engine_report import RESTART_FEED, EngineReport
from core.model.regime import Regime
from core.model.telemetry import FeatureCost
from core.trading.account import Halt

logger = logging.getLogger(__name__)

# Of all symbols of the exchange, the report would not be read.
_TROUBLES_TOLD = 20
_REGIMES_TOLD = 100


class EnginePulse:
    """
    Reports how the engine is, once in a while to the journal and to whoever asks.

    Args:
        feed: Whose state is told; restarted on request.
        journal: Where the report goes.
        reader: Where requests are found.
        offer: Runs a journal method on the process's one writer thread, if that can be done now.
        analyst: Returns words for people: who is asked, or why nobody is.
        account: Returns the equity and the number of open trades.
        alarm: Returns why something cannot be saved, or nothing.
        regimes: Returns the last known regime of each symbol.
        costs: Returns what overlays and features have cost.
        halts: Returns why nothing may be entered.
        spent: Returns USD spent today on questions, and the day's budget; 0.0 when nobody is
            asked.
        paused: Returns symbols that are paused by hand.
        slowest_ms: Returns the duration of the journal's slowest write of the last minute.
        every_s: How often.
        clock_ms: This machine's.
    """

    def __init__(  # noqa: PLR0913 - each is one thing that is told
        self,
        feed: MarketFeed,
        journal: Journal,
        reader: JournalReader,
        *,
        offer: Callable[..., Awaitable[None]],
        analyst: Callable[[], str],
        account: Callable[[], tuple[float, int]],
        alarm: Callable[[], str],
        regimes: Callable[[], Mapping[str, Regime]],
        costs: Callable[[], tuple[FeatureCost, ...]],
        halts: Callable[[], tuple[Halt, ...]],
        spent: Callable[[], tuple[float, float]],
        paused: Callable[[], tuple[str, ...]] = tuple,
        slowest_ms: Callable[[], float | None] = lambda: None,
        every_s: float,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._feed = feed
        self._journal = journal
        self._reader = reader
        self._offer = offer
        self._analyst = analyst
        self._account = account
        self._alarm = alarm
        self._regimes = regimes
        self._costs = costs
        self._halts = halts
        self._spent = spent
        self._paused = paused
        self._slowest_ms = slowest_ms
        self._every_s = every_s
        self._clock_ms = clock_ms
        self._beats = 0
        self._fault = ""
        self._is_deaf = False
        self._restart: int | None = None
        self._was_live = False
        self._began_ms: int | None = None

    def report(self) -> EngineReport:
        """Tell how the engine is; cheap, never blocks."""
        status = self._feed.status()
        self._was_live = self._was_live or status.state is FeedState.LIVE
        troubles = feed_troubles(self._feed)
        equity, open_trades = self._account()
        usd_today, usd_limit = self._spent()
        market_ms = self._feed.market_time_ms()
        self._began_ms = market_ms if self._began_ms is None else self._began_ms
        return EngineReport(
            beats=self._beats,
            feed_state=status.state.value,
            feed_age_s=status.age_s,
            market_time_ms=market_ms,
            analyst=self._analyst(),
            equity=equity,
            open_trades=open_trades,
            feed_restart=self._restart or 0,
            feed_detail=status.detail,
            gaps=status.gaps,
            reconnects=status.reconnects,
            malformed=status.malformed,
            streams=dict(Counter(health.state.value for health in self._feed.streams())),
            books={str(phase): n for phase, n in self._feed.order_flow.book_phases().items()},
            troubled=len(troubles),
            troubles=dict(islice(troubles.items(), _TROUBLES_TOLD)),
            alarm=self._alarm() or self._fault,
            was_live=self._was_live,
            regimes={s: r.value for s, r in islice(self._regimes().items(), _REGIMES_TOLD)},
            telemetry=self._costs(),
            halts=tuple(halt.reason for halt in self._halts()),
            llm_usd_today=usd_today,
            llm_usd_limit=usd_limit,
            paused=self._paused(),
            told_ms=self._clock_ms(),
            began_ms=self._began_ms,
            journal_write_ms=self._slowest_ms(),
        )

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            self._beats += 1
            await self._obey()
            report = self.report()
            await self._tell(report)
            await asyncio.sleep(self._every_s)

    async def _tell(self, report: EngineReport) -> None:
        """Write the report; a heart that cannot be heard beats on."""
        try:
            await self._offer(
                self._journal.set_control, "engine", report.to_json(), report.market_time_ms or 0
            )
        except JournalError as error:
            if not self._fault:
                logger.warning("heartbeat not written: reason=%s", error)
            self._fault = f"journal not written: {error}"
        else:
            self._fault = ""

    async def _obey(self) -> None:
        """Replace the sockets if that was asked for since we run."""
        try:
            asked = await asyncio.to_thread(self._reader.control, RESTART_FEED)
        except JournalError as error:
            if not self._is_deaf:
                logger.warning("requests not read: reason=%s", error)
            self._is_deaf = True
            return
        self._is_deaf = False
        number = int(asked) if asked is not None and asked.isdecimal() else 0
        if self._restart is None:
            self._restart = number  # asked of an engine before this one
        elif number > self._restart:
            self._restart = number
            logger.info("feed restarts on request: number=%d", number)
            self._feed.restart()

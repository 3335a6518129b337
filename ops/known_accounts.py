"""The paper accounts as the journal knows them, for whoever only looks at them."""

import asyncio
from typing import Any

from core.breaker_book import BreakerBook
from core.config import Home, Settings
from core.data.data_store import DataStore
from core.emergency_latch import EmergencyLatch
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.funding import Settlement
from core.model.source import Source
from core.paper_desk import PaperDesk
from core.pause_book import PauseBook
from core.trading.account import Account
from core.trading_limits import breaker_limits_of

_HOUR_MS = 3_600_000


async def _written_by_nobody(*_: Any, **__: Any) -> None:
    """Leave the journal as it is."""


async def _no_settlements(symbol: str, start_ms: int, end_ms: int) -> tuple[Settlement, ...]:
    return ()


async def known_accounts(
    settings: Settings,
    home: Home,
    store: DataStore,
    *,
    journal: Journal,
    reader: JournalReader,
    prices: dict[str, float],
    at_ms: int,
    symbol: str | None = None,
) -> dict[Source, Account]:
    """
    Return each account at an instant of market time; writes nothing.

    Args:
        settings: Costs and limits.
        home: Of the emergency latch.
        store: Knows the candles that trades have seen.
        journal: Is not written.
        reader: Of the same journal.
        prices: Close of the newest candle by symbol.
        at_ms: Market time.
        symbol: That is to be traded, which may be paused by hand; None for none.

    Raises:
        JournalError: If the journal cannot be read.
    """
    desk = PaperDesk(
        store,
        journal,
        reader,
        paper=settings.paper,
        write=_written_by_nobody,
        settlements=_no_settlements,
    )
    breakers = BreakerBook(
        journal,
        reader,
        limits=breaker_limits_of(settings),
        latch=EmergencyLatch(home.emergency_latch),
        offer=_written_by_nobody,
    )
    await asyncio.to_thread(desk.recover)
    await asyncio.to_thread(breakers.recover)
    pauses = PauseBook(reader)
    await asyncio.to_thread(pauses.recover)
    signals = await asyncio.to_thread(reader.signal_times_since, at_ms - _HOUR_MS)
    accounts = {}
    for source in Source:
        equity = desk.equity(source, prices).total
        await breakers.observe(source, at_ms, equity)
        paused = () if symbol is None else pauses.halts(symbol, source)
        accounts[source] = Account(
            equity=equity,
            positions=desk.positions(source, prices),
            signals_last_hour=len(signals) if source is Source.POLICY else 0,
            at_ms=at_ms,
            last_exit_ms=desk.last_exits(source),
            halts=(*breakers.halts(source, at_ms), *paused),
        )
    return accounts

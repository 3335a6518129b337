"""What becomes of open paper positions when the engine is gone: they are kept, or closed."""

import time
from collections.abc import Callable

from sqlalchemy import URL

from core.journal.errors import EmptyJournalError, MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS
from core.model.source import BY_PEOPLE
from core.model.trade import Trade
from core.trading.changes import close_by_hand


def close_positions(
    url: URL, *, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
) -> str:
    """
    Have every trade of the accounts that people mean closed as of now; nobody else may write.

    The close is written into the trades themselves, dated to the market time of the engine's last
    word and what has passed since: whoever stops an engine that has hung for an hour must not
    sell at the prices of an hour ago. Its next start walks the minutes that it missed and fills
    each at the open of the first one after that, as if it had been there; stop and target come
    before it, as ever. What has not entered by then is withdrawn.

    Args:
        url: Of the journal.
        clock_ms: This machine's.

    Returns:
        What was done, for people.

    Raises:
        JournalError: If the journal cannot be read or written.
    """
    try:
        reader = JournalReader.open(url)
    except (MissingJournalError, EmptyJournalError):
        return "none: there is no journal"
    trades = [trade for trade in reader.open_trades() if trade.source in BY_PEOPLE]
    if not trades:
        return "none is open"
    now_ms = _market_ms(reader.control("engine"), clock_ms())
    journal = Journal.open(url, migrate=False)
    try:
        journal.save_trades(close_by_hand(trade, _close_ms(trade, now_ms)) for trade in trades)
    finally:
        journal.close()
    symbols = ", ".join(sorted({trade.symbol for trade in trades}))
    how = "to be closed at the next minute's open, or withdrawn"
    return f"{len(trades)} {how}, seen after resuming: {symbols}"


def _close_ms(trade: Trade, now_ms: int) -> int:
    return max(now_ms, trade.last_bar_ms + MINUTE_MS)


def _market_ms(text: str | None, now_ms: int) -> int:
    """
    Return the market's time by the engine's last report; 0 where it left none that can be read.

    What has passed since counts as real time, also in a simulated market that runs faster.
    """
    try:
        told = EngineReport.from_json(text or "")
    except ValueError:
        return 0
    if told.market_time_ms is None:
        return 0
    silent_ms = now_ms - told.told_ms if told.told_ms else 0
    return told.market_time_ms + max(silent_ms, 0) + round((told.feed_age_s or 0.0) * 1000)

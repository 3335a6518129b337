"""What becomes of open paper positions when the engine is gone: they are kept, or closed."""

from sqlalchemy import URL

from core.journal.errors import EmptyJournalError, MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS
from core.model.source import BY_PEOPLE
from core.model.trade import ExitReason, Trade
from core.trading.paper_broker import call_close


def close_positions(url: URL) -> str:
    """
    Have every trade of the accounts that people mean closed as of now; nobody else may write.

    The close is written into the trades themselves, dated to the market time of the engine's last
    word. Its next start walks the minutes that it missed and fills each at the open of the first
    one after that, as if it had been there; stop and target come before it, as ever.

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
    told_ms = _told_ms(reader.control("engine"))
    journal = Journal.open(url, migrate=False)
    try:
        journal.save_trades(
            call_close(trade, ExitReason.BY_HAND, _close_ms(trade, told_ms)) for trade in trades
        )
    finally:
        journal.close()
    symbols = ", ".join(sorted({trade.symbol for trade in trades}))
    return f"{len(trades)} to be closed at the next minute's open, seen after resuming: {symbols}"


def _close_ms(trade: Trade, told_ms: int) -> int:
    return max(told_ms, trade.last_bar_ms + MINUTE_MS)


def _told_ms(text: str | None) -> int:
    """Market time of the engine's last report; 0 where it left none that can be read."""
    try:
        return EngineReport.from_json(text or "").market_time_ms or 0
    except ValueError:
        return 0

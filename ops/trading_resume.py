"""Asking a running engine to trade again, through the control table of its journal."""

from collections.abc import Callable

from core.breaker_book import breakers_key
from core.config import Home
from core.journal.database import database_url
from core.journal.reader import JournalReader
from core.model.resume_request import RESUME_TRADING, RESUMED_TRADING, ResumeRequest
from core.model.source import Source
from core.trading.breakers import Breakers, BreakerStateError
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.engine_request import await_confirmation, leave_request


def latched_accounts(home: Home) -> dict[Source, str]:
    """
    Return the accounts in which only a person lets entries happen again, with the reason.

    Raises:
        JournalError: If there is no journal, or it cannot be read.
    """
    reader = JournalReader.open(database_url(home.database))
    latched = {}
    for source in Source:
        text = reader.control(breakers_key(source))
        reason = "" if text is None else _reason(text)
        if reason:
            latched[source] = reason
    return latched


def request_resume(
    home: Home, *, who: str, reason: str, clock_ms: Callable[[], int] | None = None
) -> int:
    """
    Ask the engine of a home to resume.

    Returns:
        The number of the request; they grow.

    Raises:
        JournalError: If there is no journal, or it cannot be read or written.
        ValueError: If ``who`` or ``reason`` is no line of words.
    """
    reader = JournalReader.open(database_url(home.database))
    newest = max(_asked(reader.control(RESUME_TRADING)), _number(reader.control(RESUMED_TRADING)))
    request = ResumeRequest(newest + 1, who, reason)
    leave_request(home, RESUME_TRADING, request.to_json(), clock_ms=clock_ms)
    append_audit(home, Action.RESUME, who=who, detail=f"drawdown breakers: {reason}")
    return request.number


def await_resume(home: Home, number: int) -> bool:
    """Wait until the engine tells that it carried out a request; False when it does not."""
    reader = JournalReader.open(database_url(home.database))
    return await_confirmation(lambda: _number(reader.control(RESUMED_TRADING)), number)


def _reason(text: str) -> str:
    try:
        state = Breakers.from_json(text)
    except BreakerStateError as error:
        return str(error)
    # What is latched but not by hand, such as a daily loss, ends by itself.
    drawdown = (halt.reason for halt in state.halts(state.at_ms) if halt.code == "drawdown")
    return next(drawdown, "")


def _asked(text: str | None) -> int:
    try:
        return ResumeRequest.from_json(text or "").number
    except ValueError:
        return 0


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0

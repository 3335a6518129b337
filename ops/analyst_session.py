"""An analyst from its making to its end, at which what it was asked in vain is recorded."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager

from sqlalchemy import URL

from core.journal.errors import JournalError
from core.journal.journal import Journal
from deepseek.client import DeepSeekBrain
from deepseek.inquiry import CutInquiry

logger = logging.getLogger(__name__)


@asynccontextmanager
async def analyst_session(brain: DeepSeekBrain, url: str | URL) -> AsyncIterator[DeepSeekBrain]:
    """
    Lend an analyst, then close its connections.

    A question that is cancelled belongs to no decision, and yet it may have to be paid for: it
    leaves its rows in the journal at the end, for the budget of whoever asks next on this day.
    They are lost, and that is logged, where the journal does not take them.
    """
    try:
        async with aclosing(brain):
            yield brain
    finally:
        cut = brain.take_cut()
        if cut:
            try:
                await asyncio.to_thread(_record, cut, url)
            except JournalError as error:
                logger.warning("questions cut off are not recorded: reason=%s", error)


def _record(cut: Iterable[CutInquiry], url: str | URL) -> None:
    journal = Journal.open(url, migrate=False)
    try:
        for each in cut:
            journal.add_calls(
                each.calls,
                symbol=each.symbol,
                interval=each.interval,
                at_ms=each.calls[-1].asked_ms,
            )
    finally:
        journal.close()

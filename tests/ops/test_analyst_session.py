"""What an analyst was asked in vain is recorded when nobody needs it any more."""

import asyncio
import logging
from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.intervals import Interval
from core.model.verdict import Purpose, Spent
from deepseek.inquiry import CutInquiry
from ops.analyst_session import analyst_session
from tests.core.journal.builders import CALL


class Brain:
    """An analyst that was cancelled in the middle of a question, after an attempt before."""

    def __init__(self):
        attempts = (replace(CALL, asked_ms=1), replace(CALL, asked_ms=2, attempt=2))
        self.cut = (CutInquiry("BTCUSDT", Interval.M15, attempts),)
        self.closed = False

    def take_cut(self):
        assert self.closed
        cut, self.cut = self.cut, ()
        return cut

    async def aclose(self):
        self.closed = True


def lent(brain, url):
    async def scenario():
        with pytest.raises(asyncio.CancelledError):
            async with analyst_session(brain, url):
                raise asyncio.CancelledError

    asyncio.run(scenario())


def test_questions_that_were_cut_off_leave_their_rows(tmp_path):
    url = database_url(tmp_path / "journal.db")
    Journal.open(url).close()
    lent(Brain(), url)
    spent = JournalReader.open(url).spent(Purpose.DECISION, 0)
    assert spent == Spent(pytest.approx(2 * CALL.cost_usd), 2)


def test_a_journal_that_does_not_take_them_is_logged(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    (tmp_path / "journal.db").write_bytes(b"no database")
    brain = Brain()
    lent(brain, database_url(tmp_path / "journal.db"))
    assert brain.closed
    assert "questions cut off are not recorded" in caplog.text

"""Each message is a row, and one line that forges no other and shows no key."""

from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.chat import ChatMessage, ChatRole
from core.model.intervals import Interval
from ops.chat_memory import CHAT_LOG, ChatMemory
from tests.core.journal.empty_journal import ready

KEY = "sk-0123456789abcdef"


@pytest.fixture
def memory(tmp_path):
    url = database_url(tmp_path / "journal.db")
    journal = Journal.open(ready(url))
    kept = ChatMemory(journal, JournalReader.open(url), tmp_path, redact=(KEY,), clock=lambda: 0.0)
    yield kept
    kept.close()
    journal.close()


def test_a_message_is_a_row_and_one_line(memory, tmp_path):
    asked = ChatMessage(ChatRole.USER, f"one\ntwo {KEY}", 5, "BTCUSDT", Interval.M15)
    half = ChatMessage(ChatRole.ASSISTANT, "Half", 6, complete=False, error="cut_off")
    memory.keep(asked)
    memory.keep(half)
    assert memory.messages(5) == (replace(asked, text="one\ntwo ***"), half)
    assert (tmp_path / CHAT_LOG).read_text().splitlines() == [
        "1970-01-01T00:00:00Z user BTCUSDT 15m one\\ntwo ***",
        "1970-01-01T00:00:00Z assistant - [cut_off] Half",
    ]

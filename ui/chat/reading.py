"""The talk so far and what of the day's budget is left, from the journal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.config.decisions import ChatSettings
from core.journal.errors import JournalError
from core.journal.reader import JournalReader
from core.model.chat import ChatMessage
from core.model.verdict import Purpose, Spent
from deepseek.budget import DAY_MS
from ui.shell.account import Opened
from ui.view import View

_MESSAGES = 40
"""Shown; twenty questions with their answers."""


@dataclass(frozen=True, slots=True)
class Talk:
    """
    Attributes:
        messages: Newest last.
        has_key: Whether anybody can be asked.
        fault: Why the talk cannot be read.
    """

    messages: tuple[ChatMessage, ...] = ()
    spent: Spent = field(default_factory=Spent)
    has_key: bool = False
    fault: str = ""


class TalkReader:
    """
    Args:
        journal: Opens it.
        has_key: Whether there is a key for DeepSeek.
        utc_now_ms: This machine's clock, by which the budget's days are counted.
    """

    def __init__(
        self, journal: Callable[[], JournalReader], *, has_key: bool, utc_now_ms: Callable[[], int]
    ) -> None:
        self._opened = Opened(journal)
        self._has_key = has_key
        self._utc_now_ms = utc_now_ms

    def talk(self, _: View) -> Talk:
        """Read it; empty before there is a journal."""
        try:
            journal = self._opened.journal()
            if journal is None:
                return Talk(has_key=self._has_key)
            today_ms = self._utc_now_ms() // DAY_MS * DAY_MS
            spent = journal.spent(Purpose.CHAT, today_ms)
            return Talk(journal.chat_messages(_MESSAGES), spent, self._has_key)
        except JournalError as error:
            return Talk(has_key=self._has_key, fault=str(error))


def told(talk: Talk, limits: ChatSettings) -> dict[str, Any]:
    """Return it as ``chat.js`` reads it."""
    return {
        "messages": [_message(message) for message in talk.messages],
        "usd": talk.spent.usd,
        "usd_limit": limits.daily_usd,
        "calls": talk.spent.calls,
        "calls_limit": limits.daily_calls,
        "has_key": talk.has_key,
        "fault": talk.fault,
    }


def _message(message: ChatMessage) -> dict[str, Any]:
    interval = message.interval.value if message.interval is not None else ""
    return {
        "role": message.role.value,
        "text": message.text,
        "at_ms": message.at_ms,
        "market": f"{message.symbol} {interval}".strip(),
        "reason": "" if message.complete else message.error or "incomplete",
    }

"""Where the talk with people is kept: the journal, and a log that can be read without it."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.chat import ChatMessage
from core.model.verdict import LlmCall, Purpose, Spent
from ops.logging_setup import ROTATE_BYTES, escaped, hiding
from ops.shared_file import SharedFile

CHAT_LOG: Final = "chat_history.log"


class ChatMemory:
    """
    Keep messages, and the calls behind them, in the journal and one line each in the log.

    Args:
        journal: Written to.
        reader: Read from.
        logs: Directory of the log.
        redact: Secrets that are written as ``***``.
        clock: Seconds since the epoch, for the log only.
    """

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        logs: Path,
        *,
        redact: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._file = SharedFile(logs / CHAT_LOG, rotate_bytes=ROTATE_BYTES)
        self._hide = hiding(redact)
        self._clock = clock

    def spent(self, since_ms: int) -> Spent:
        """Return what chat has cost since a time of this machine's clock."""
        return self._reader.spent(Purpose.CHAT, since_ms)

    def messages(self, limit: int) -> Sequence[ChatMessage]:
        """Return the newest messages, oldest first."""
        return self._reader.chat_messages(limit)

    def keep(self, message: ChatMessage, call: LlmCall | None = None) -> None:
        """
        Keep a message.

        Raises:
            JournalError: If the journal does not take it; it is in the log even so.
            OSError: If the log does not take it; it is in the journal then.
        """
        try:
            if call is not None:  # money first
                symbol, interval = message.symbol or None, message.interval
                self._journal.add_calls(
                    (call,), symbol=symbol, interval=interval, at_ms=message.at_ms
                )
            self._journal.add_chat_message(message)
        finally:
            self._file.write(self._line(message))

    def close(self) -> None:
        """Let go of the log."""
        self._file.close()

    def _line(self, message: ChatMessage) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._clock()))
        market = f"{message.symbol} {message.interval or '-'}" if message.symbol else "-"
        mark = "" if message.complete else f" [{message.error or 'incomplete'}]"
        return self._hide(f"{at} {message.role} {market}{mark} {escaped(message.text)}\n")

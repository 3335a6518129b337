"""Where the talk with people is kept: the journal, and a log that can be read without it."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.chat import ChatMessage
from core.model.verdict import LlmCall, Purpose, Spent
from ops.logs.files import CHAT_LOG
from ops.logs.layouts import Format, escaped, layout
from ops.logs.redaction import hiding
from ops.logs.rotation import Rotation
from ops.shared_file import SharedFile


class ChatMemory:
    """
    Keep messages, and the calls behind them, in the journal and one line each in the log.

    Args:
        journal: Written to.
        reader: Read from.
        logs: Directory of the log.
        redact: Secrets that are written as ``***``, in the journal too.
        form: Of the log: ``text``, or ``json`` with the keys of the other logs.
        clock: Seconds since the epoch, for the log only.
    """

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        logs: Path,
        *,
        redact: Sequence[str] = (),
        form: Format = "text",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._file = SharedFile(logs / CHAT_LOG, Rotation())
        self._hide = hiding(redact)
        self._objects = layout("json", "chat") if form == "json" else None
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
        message = replace(message, text=self._hide(message.text))
        try:
            if call is not None:  # money first
                call = replace(call, prompt=self._hide(call.prompt), answer=self._hide(call.answer))
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
        market = f"{message.symbol} {message.interval or '-'}" if message.symbol else "-"
        mark = "" if message.complete else f" [{message.error or 'incomplete'}]"
        said = self._hide(f"{message.role} {market}{mark} {message.text}")
        now_s = self._clock()
        if self._objects is None:
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_s))
            return f"{at} {escaped(said)}\n"
        record = logging.makeLogRecord(
            {"name": __name__, "levelname": "INFO", "msg": said, "created": now_s, "msecs": 0}
        )
        return f"{self._objects.format(record)}\n"

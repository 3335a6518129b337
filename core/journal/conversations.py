"""What was asked of the model beside decisions, and the talk with people, as it is written."""

from collections.abc import Sequence

from sqlalchemy import insert

from core.journal.call_records import call_values, message_values
from core.journal.database import transaction
from core.journal.durable import DurableRows
from core.journal.tables import CHAT_MESSAGES, LLM_CALLS
from core.model.chat import ChatMessage
from core.model.intervals import Interval
from core.model.verdict import LlmCall

_NEW_CALLS = insert(LLM_CALLS)
_NEW_MESSAGE = insert(CHAT_MESSAGES).returning(CHAT_MESSAGES.c.id)


class Conversations(DurableRows):
    """Write calls and messages that no decision came from; calls are money."""

    def add_calls(
        self,
        calls: Sequence[LlmCall],
        *,
        symbol: str | None = None,
        interval: Interval | None = None,
        at_ms: int,
    ) -> None:
        """
        Keep questions that belong to no recorded decision: of the chat, or asked by hand.

        Args:
            calls: Attempt by attempt.
            symbol: The market they were about; None for none.
            interval: Of the market.
            at_ms: Feed time where it is known, else this machine's clock.
        """
        recorded_at = self._now_text()
        rows = [
            call_values(call, at_ms=at_ms, symbol=symbol, interval=interval)
            | {"recorded_at": recorded_at}
            for call in calls
        ]
        if rows:
            with transaction(self._durable) as connection:
                connection.execute(_NEW_CALLS, rows)

    def add_chat_message(self, message: ChatMessage) -> int:
        """Keep one message and return its row's number."""
        row = message_values(message) | {"recorded_at": self._now_text()}
        with transaction(self._durable) as connection:
            return int(connection.execute(_NEW_MESSAGE, row).scalar_one())

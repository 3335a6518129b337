"""What was asked of the model, what it cost, and the talk with people, as they are read back."""

from collections.abc import Mapping

from sqlalchemy import case, func, select

from core.journal.call_records import call_of, message_of
from core.journal.database import transaction
from core.journal.reading import Rows
from core.journal.tables import CHAT_MESSAGES, LLM_CALLS
from core.model.chat import ChatMessage
from core.model.signal import SignalKey
from core.model.verdict import LlmCall, Purpose, Spent


class CallReader(Rows):
    """Read questions, answers and messages."""

    def spent(self, purpose: Purpose, since_ms: int) -> Spent:
        """
        Add up what was used for a purpose.

        Args:
            purpose: Whose budget is meant.
            since_ms: On this machine's clock, as calls are billed; what was asked from then on.
        """
        c = LLM_CALLS.c
        sent = func.coalesce(func.sum(case((c.cached, 0), else_=1)), 0)
        statement = select(func.coalesce(func.sum(c.cost_usd), 0.0), sent).where(
            c.purpose == purpose.value, c.asked_ms >= since_ms
        )
        with transaction(self._engine) as connection:
            usd, calls = connection.execute(statement).one()
        return Spent(float(usd), int(calls))

    def answers(self, symbol: str | None = None) -> Mapping[str, str]:
        """
        Return what the model last answered to each prompt for a decision, by the prompt's hash.

        A prompt whose last attempt brought no answer, or whose answer was emptied, is left out.
        """
        c = LLM_CALLS.c
        statement = select(c.prompt_sha256, c.answer).where(c.purpose == Purpose.DECISION.value)
        if symbol is not None:
            statement = statement.where(c.symbol == symbol)
        with transaction(self._engine) as connection:
            rows = connection.execute(statement.order_by(c.id))
            last = {row.prompt_sha256: row.answer for row in rows}
        return {sha256: answer for sha256, answer in last.items() if answer}

    def calls_of(self, key: SignalKey) -> tuple[LlmCall, ...]:
        """Return the attempts at the model for the decision on a bar, in their order."""
        c = LLM_CALLS.c
        statement = (
            select(LLM_CALLS)
            .where(c.symbol == key.symbol, c.interval == key.interval.value)
            .where(c.open_time_ms == key.open_time_ms)
            .order_by(c.id)
        )
        with transaction(self._engine) as connection:
            return tuple(call_of(row) for row in connection.execute(statement))

    def chat_messages(self, limit: int = 100) -> tuple[ChatMessage, ...]:
        """Return the newest messages, oldest of them first."""
        newest = select(CHAT_MESSAGES).order_by(CHAT_MESSAGES.c.id.desc()).limit(limit)
        with transaction(self._engine) as connection:
            rows = connection.execute(newest).all()
        return tuple(message_of(row) for row in reversed(rows))

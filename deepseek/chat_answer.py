"""An answer to a person as it grows, and how it ended. Pure."""

from dataclasses import dataclass
from typing import Final

from core.model.verdict import Abstention, AbstentionReason, LlmCall
from deepseek.budget import Usage
from deepseek.chat_prompt import ChatPrompt
from deepseek.chat_text import PlainStream
from deepseek.completion import Failure
from deepseek.stream_events import Piece, end_of

STOPPED: Final = "stopped"
"""Reason of an answer that somebody no longer wanted."""
MAX_ANSWER_CHARACTERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class ChatOutcome:
    """
    How an answer ended.

    Attributes:
        text: What came, also of one that did not come to its end.
        reason: Code of why it is incomplete, an `AbstentionReason` or `STOPPED`; empty when it
            is not.
        detail: One line for people.
        call: None when nothing was sent.
        unsaved: Why it could not be kept; empty when it was.
    """

    text: str
    reason: str = ""
    detail: str = ""
    call: LlmCall | None = None
    unsaved: str = ""

    @property
    def complete(self) -> bool:
        """Whether the model came to its end."""
        return not self.reason


class Answer:
    """One answer with what has come of it so far."""

    def __init__(self, prompt: ChatPrompt, key: str) -> None:
        self.prompt = prompt
        self.model = ""
        # None until the server tells it.
        self.usage: Usage | None = None
        self.goes_on = True
        self._plain = PlainStream(key)
        self._text = ""
        self._finish_reason = ""
        self._failed: Abstention | None = None

    def take(self, event: Piece | Failure | None) -> str:
        """Take what came, None at the end of the stream; return what of it can be told."""
        if not isinstance(event, Piece):
            self.goes_on = False
            if event is not None and event.free:
                self.usage = self.usage or Usage()
            # What breaks after the answer has come to its end costs nothing but its price.
            if event is not None and not self._finish_reason:
                self._failed = event.abstention
            return ""
        self.model = event.model or self.model
        self.usage = event.usage or self.usage
        self._finish_reason = event.finish_reason or self._finish_reason
        text = self._plain.feed(event.text)[: MAX_ANSWER_CHARACTERS - len(self._text)]
        self._text += text
        if len(self._text) >= MAX_ANSWER_CHARACTERS:
            self.goes_on = False
            detail = f"over {MAX_ANSWER_CHARACTERS} characters"
            self._failed = Abstention(AbstentionReason.TOO_LONG, detail)
        return text

    def rest(self) -> str:
        """Return what was held back until the end."""
        text = self._plain.end()
        self._text += text
        return text

    def outcome(self) -> ChatOutcome:
        """Judge what came, once the stream has ended."""
        wrong = self._failed or end_of(self._finish_reason, self._text)
        if wrong is None:
            return ChatOutcome(self._text)
        return ChatOutcome(self._text, wrong.reason.value, wrong.detail)

    def stopped(self) -> ChatOutcome:
        """Return what came of an answer that nobody wants any more."""
        self.rest()
        return ChatOutcome(self._text, STOPPED, "stopped before its end")

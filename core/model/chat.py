"""What people and the model say to each other about the market on screen."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.intervals import Interval


class ChatRole(StrEnum):
    """Who said it."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """
    One message, as it was kept.

    Attributes:
        text: As it came; data, never markup or an order.
        at_ms: Feed time where it was known, else this machine's clock.
        symbol, interval: Of the market on screen; empty and None where there was none.
        complete: Whether the answer came to its end.
        error: Why it did not; empty where it did.
        prompt_sha256: Of the call behind an answer; empty where there was none.
    """

    role: ChatRole
    text: str
    at_ms: int
    symbol: str = ""
    interval: Interval | None = None
    complete: bool = True
    error: str = ""
    prompt_sha256: str = ""

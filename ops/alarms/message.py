"""A message to people outside, as every target takes it."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a message is marked where the target can."""

    GOOD = "good"
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Message:
    """A title of one line and a text of several."""

    title: str
    body: str
    tone: Tone

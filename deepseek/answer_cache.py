"""Answers to questions that were asked before, byte for byte."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

# A day of 15m candles of two symbols, or one close of a whole list; about 1 kB each.
_CAPACITY: Final = 256


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What was said, and by which model."""

    content: str
    model: str


class AnswerCache:
    """The latest answers that kept the contract, by the hash of their question."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._known: OrderedDict[str, KnownAnswer] = OrderedDict()

    def find(self, prompt_sha256: str) -> KnownAnswer | None:
        """Return the answer and keep it from being the next that is forgotten."""
        known = self._known.get(prompt_sha256)
        if known is not None:
            self._known.move_to_end(prompt_sha256)
        return known

    def remember(self, prompt_sha256: str, answer: KnownAnswer) -> None:
        """Keep an answer; the one that was not used for longest makes room."""
        self._known[prompt_sha256] = answer
        self._known.move_to_end(prompt_sha256)
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)

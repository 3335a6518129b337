"""What the model writes to people: characters and nothing else."""

import re
from typing import Final

from deepseek.reply import storable

# Whatever moves a cursor, rings a bell, colours a terminal or turns the direction of a line
# around, but line breaks and tabs.
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
_HIDDEN: Final = "***"
# A shorter key is a placeholder for a local server; hiding it would eat ordinary words.
_SHORTEST_SECRET: Final = 6


def plain(text: str) -> str:
    """Return text that no terminal, page or log takes for more than text."""
    return _CONTROL.sub("", storable(text))


class PlainStream:
    """
    Make pieces of a text plain as they come, and hide a secret that may lie across two of them.

    Args:
        secret: Never passed on, should the server echo it.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret if len(secret) >= _SHORTEST_SECRET else ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what of the text so far can be told now."""
        text = self._hidden(self._held + plain(piece))
        keep = self._begun(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def end(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return held

    def _hidden(self, text: str) -> str:
        return text.replace(self._secret, _HIDDEN) if self._secret else text

    def _begun(self, text: str) -> int:
        """Count the last characters that may be the secret's beginning."""
        longest = min(len(self._secret) - 1, len(text))
        return next((n for n in range(longest, 0, -1) if text.endswith(self._secret[:n])), 0)

"""What a backup is to hold besides what is in each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.config import Settings

Heard = Callable[[str], None]
"""Told what is done next, for whoever waits."""

_MEGABYTE: Final = 1_000_000
_EFFORT: Final = 6  # zlib's own balance: 9 takes three times as long for 2 % of a journal


@dataclass(frozen=True, slots=True)
class Selection:
    """
    By default the whole journal, configuration, prompts and reports.

    Attributes:
        candles: Also the candle cache, which can be fetched again.
        largest_bytes: Of the file: the oldest decisions go without their features and votes
            where it would be larger. None keeps all of them; so does the folder form.
        passphrase: Encrypts the ``.env`` beside the configuration, which is in it then.
        effort: Of gzip, 1 to 9; little where what waits for the backup is urgent.
    """

    candles: bool = False
    largest_bytes: int | None = None
    passphrase: str | None = None
    effort: int = 1

    @classmethod
    def configured(cls, settings: Settings, passphrase: str | None = None) -> "Selection":
        """Return what a configuration asks for; secrets only when somebody asked for them."""
        chosen = settings.backup
        return cls(
            chosen.candles,
            round(chosen.largest_mb * _MEGABYTE) if chosen.largest_mb else None,
            passphrase,
            _EFFORT,
        )


WHOLE: Final = Selection()


def unheard(_: str) -> None:
    """Nobody waits."""

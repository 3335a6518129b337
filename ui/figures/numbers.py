"""Numbers as people read them here: thin spaces between thousands, a real minus sign."""

import re

from core.model.instrument import Instrument

THIN_SPACE = "\u2009"
MINUS = "\u2212"
UNKNOWN = "\u2013"
_HYPHEN = re.compile(r"(?<![\w.)-])-(?=\.?\d)")
_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_GUESS = ((1_000.0, 1), (10.0, 2), (1.0, 4))


def decimals_of(instrument: Instrument | None, price: float | None) -> int:
    """How many decimals a price of this symbol has: its tick's, else a guess by its size."""
    if instrument is not None:
        return instrument.decimals
    size = abs(price or 1_000.0)
    return next((digits for least, digits in _GUESS if size >= least), 6)


def number(value: float | None, decimals: int, *, signed: bool = False) -> str:
    """Text of a number; a dash when it is not known."""
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN_SPACE)
    shown_as_zero = float(f"{abs(value):.{decimals}f}") == 0.0
    if value < 0.0 and not shown_as_zero:
        return MINUS + text
    return f"+{text}" if signed and not shown_as_zero else text


def typeset(text: str) -> str:
    """Return words of a log or a journal with their numbers as the page writes them."""
    return _COMMA.sub(THIN_SPACE, _HYPHEN.sub(MINUS, text))

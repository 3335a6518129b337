"""Colours of what overlays say, from their tone or sign."""

from core.model.shapes import Tone
from ui.theme import Palette


def colour_of(tone: Tone, palette: Palette) -> str:
    """Return the colour of a tone."""
    return {
        Tone.NEUTRAL: palette.neutral,
        Tone.UP: palette.up,
        Tone.DOWN: palette.down,
        Tone.WARNING: palette.warning,
        Tone.QUIET: palette.muted,
        Tone.FIRST: palette.first,
        Tone.SECOND: palette.second,
        Tone.THIRD: palette.third,
    }[tone]


def colour_of_side(side: int, palette: Palette) -> str:
    """Return the colour of what speaks for higher (+1) or lower prices (-1), or for neither."""
    return {1: palette.up, -1: palette.down}.get(side, palette.neutral)


def faded(colour: str, opacity: float) -> str:
    """Return a ``#rrggbb`` colour as one that lets through what is behind it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"

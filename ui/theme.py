"""Colour by role. ``assets/theme.css`` spells the same palette; a test keeps them equal."""

from dataclasses import dataclass
from typing import Final

from ui.look import Theme


@dataclass(frozen=True, slots=True)
class Palette:
    """
    One colour per role, as ``#rrggbb``.

    Attributes:
        line: Hairlines between regions.
        grid: Lines inside a chart, fainter than ``line``.
        accent: Selection; the only colour that means nothing about the market.
        first, second, third: Lines that are told apart by colour alone.
    """

    ground: str
    panel: str
    raised: str
    line: str
    grid: str
    text: str
    muted: str
    up: str
    down: str
    neutral: str
    accent: str
    warning: str
    critical: str
    first: str
    second: str
    third: str


DARK: Final = Palette(
    ground="#0d1117",
    panel="#11161d",
    raised="#1a212b",
    line="#252d38",
    grid="#1a212a",
    text="#d8dee7",
    muted="#8d98a7",
    up="#26b387",
    down="#f05b62",
    neutral="#a3adba",
    accent="#5aa2f7",
    warning="#e3a63e",
    critical="#ff6b6b",
    first="#6ea8ee",
    second="#b892f2",
    third="#cfb784",
)

LIGHT: Final = Palette(
    ground="#eff2f6",
    panel="#ffffff",
    raised="#f1f4f8",
    line="#d3dae3",
    grid="#e9edf2",
    text="#1a222e",
    muted="#566172",
    up="#0a7450",
    down="#c2272f",
    neutral="#566170",
    accent="#1a62c7",
    warning="#855400",
    critical="#b5202b",
    first="#2563bd",
    second="#7440c4",
    third="#765d1c",
)


def palette_of(theme: Theme) -> Palette:
    """Return the colours a page of ``theme`` and its figures are drawn with."""
    return LIGHT if theme is Theme.LIGHT else DARK


FONT: Final = '"Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif'

MANTINE_DARK: Final = (
    DARK.text,
    "#b9c2ce",
    DARK.muted,
    "#5d6877",
    DARK.line,
    "#1f2731",
    DARK.raised,
    DARK.panel,
    DARK.ground,
    "#080b10",
)
"""Mantine's ten shades from text to ground."""

"""Colour by role. ``assets/theme.css`` spells the same palette; a test keeps them equal."""

from dataclasses import dataclass
from typing import Final


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

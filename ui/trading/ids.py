"""Component ids of trading by hand, spelled once; its scripts use the same words."""

from typing import Final

STANDING: Final = "trading-standing"
"""What is held of the symbol on screen, and whether it is paused; read by scripts."""
BOOK: Final = "trading-book"
"""Open and finished trades; read by a script."""
CLOSED: Final = "trading-closed"
"""The grid of finished trades."""
LINES: Final = "trading-lines"
"""What is drawn over the chart."""
FORM: Final = "trading-form"

"""Component ids and keys of parts; ``performance.js`` uses the same words."""

from typing import Final

STAMP: Final = "performance-stamp"
"""How new the journal is; the browser asks for figures when it changes."""
METRICS: Final = "performance-metrics"
ADDED: Final = "performance-added"
SYMBOLS: Final = "performance-symbols"
REASONS: Final = "performance-reasons"
MULTIPLES: Final = "performance-multiples"
DAYS: Final = "performance-days"
EQUITY: Final = "performance-equity"
CALIBRATION: Final = "performance-calibration"
EQUITY_TAB: Final = "equity"
CALIBRATION_TAB: Final = "calibration"

"""Component ids of alerts and the log, spelled once; their scripts use the same words."""

from typing import Final

WATCH: Final = "alerts-watch"
"""Panel that reads the alerts on every page of the page."""
LIST: Final = "alerts-list"
LOG: Final = "alerts-log"
"""Panel that reads the logs while they can be seen."""
LOG_LINES: Final = "alerts-log-lines"
LINES: Final = "alerts-lines"
"""What is drawn over the chart."""

"""The log files by name, and which logger writes to which."""

import logging
from typing import Final

TRADING_LOG: Final = "trading.log"
SYSTEM_LOG: Final = "system.log"
CARE_LOG: Final = "cache_manager.log"
CHAT_LOG: Final = "chat_history.log"
CONSOLE_LOG: Final = "console.log"

INTERACTIONS: Final = "ui.interactions"
"""The logger of what a person did on the page."""
# How decisions and trades came about.
_TRADING: Final = (
    "core.alert_book", "core.attempts", "core.bar_decider", "core.bar_evaluator",
    "core.breaker_book", "core.command_desk", "core.companion_history", "core.engine",
    "core.feature_runner", "core.funding_book", "core.indicators", "core.overlay_runner",
    "core.overlays", "core.paper_trades", "core.pause_book", "core.policy_trader",
    "core.signal_generator", "core.signals", "core.telemetry", "core.trade_walks",
    "core.trading", "deepseek",
)  # fmt: skip
# Backups, restoring, clean-up, maintenance, what is kept how long.
_CARE: Final = (
    "core.journal.archive", "core.journal.migrations", "core.journal.retention", "ops.backup",
    "ops.cache_manager", "ops.commands.backup", "ops.database",
    "ops.schedule", "ui.system.backing_up",
)  # fmt: skip
_BY_FILE: Final = {TRADING_LOG: _TRADING, CARE_LOG: _CARE, CHAT_LOG: (INTERACTIONS,)}
LOGGED: Final = (TRADING_LOG, SYSTEM_LOG, CARE_LOG, CHAT_LOG)


def file_of(record: logging.LogRecord) -> str:
    """Return the one file a record belongs to: what no other takes is of the system."""
    for file, loggers in _BY_FILE.items():
        if any(record.name == name or record.name.startswith(f"{name}.") for name in loggers):
            return file
    return SYSTEM_LOG

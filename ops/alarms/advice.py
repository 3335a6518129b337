"""What to do about each component: one line, and where docs/alarms.md says more."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

GUIDE: Final = "docs/alarms.md"
ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "feed": "Check the network; then make restart-feed. Entries wait, exits go on.",
        "candle_store": "Make room on the disk and look at who may write data/cache.",
        "cache_populated": "Wait for the backfill, or see logs/system.log for why it fails.",
        "cache_hit_rate": "Let it run; if it stays low, see the Candle cache on the page System.",
        "clock_offset": "Have the system's clock set by NTP: signed times are refused otherwise.",
        "engine": "The engine's report does not move: see database and disk; then make restart.",
        "engine_saving": "Make room on the disk and look at who may write data/.",
        "entries": "A breaker has tripped: see why, and make resume when it is right to go on.",
        "analyst": "See logs/trading.log for DeepSeek's answers; the rules decide meanwhile.",
        "llm_budget": "deepseek.daily_usd is used up until 00:00 UTC: raise it, or wait.",
        "regime": "The market regime of a symbol is not known: see its candles and gaps.",
        "database_write": "The disk is slow or busy: see what else writes to it.",
        "database": "python main.py doctor; a damaged journal: make restore BACKUP=latest.",
        "integrity": "The journal is damaged: make stop, then make restore BACKUP=latest.",
        "signal_rate": "More signals than a strategy should give: see thresholds in config.yaml.",
        "no_signal": "See logs/trading.log for what refuses: thresholds, gaps, or a quiet market.",
        "telemetry": "Overlays and features are not measured: see logs/trading.log.",
        "daily_loss": "Look at the open positions; make emergency-stop ends everything.",
        "drawdown": "Look at the open positions; make emergency-stop ends everything.",
        "sharpe": "Look at the page Performance before trusting the strategy any further.",
        "emergency_stop": "Nothing trades. When it is right to go on: make resume.",
        "memory": "Fewer symbols or windows of the page; make restart frees it.",
        "cpu": "See the page System for which process it is; fewer symbols or overlays.",
        "disk": "Remove old backups and what else is large: a full disk stops the saving.",
        "backup_age": "make backup; see schedule in config.yaml.",
        "page_response": "See the page System; trading does not depend on the page.",
        "engine_process": "See logs/console.log and logs/system.log; then make restart.",
        "engine_silent": "make restart ends it, by force if it must, and starts it anew.",
        "dashboard_process": "See logs/console.log and logs/system.log; then make restart.",
        "dashboard_silent": "make restart; trading goes on without the page.",
        "simulator_process": "make demo starts the demo anew.",
    }
)
_ELSE: Final = "python main.py doctor explains what it finds."


def advice(component: str) -> str:
    """Return what to do."""
    return f"{ADVICE.get(component, _ELSE)} More: {GUIDE}#{component}"

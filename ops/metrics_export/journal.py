"""How the journal takes what is written, as metrics."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from core.journal.writer import WriterFigures
from core.tally import Spread
from ops.metrics_export.described import counter, gauge, histogram

WRITE_TIME = histogram(
    "trading_journal_write_seconds",
    "Of each write of the engine to the journal, its wait for the lock included.",
)
LOCK_WAIT = histogram(
    "trading_journal_lock_wait_seconds",
    "For how long the engine's transactions waited for the journal's lock.",
)
WRITES_REFUSED = counter(
    "trading_journal_writes_refused_total",
    "Writes refused for a reason that may pass, such as a full disk; they are repeated.",
)
WRITES_WAITING = gauge(
    "trading_journal_writes_waiting", "Writes that must be kept and are not written yet."
)


def journal_part(figures: WriterFigures, lock_waits: Spread) -> Iterator[Metric]:
    """Tell of writes and of waits for the lock."""
    yield WRITE_TIME.spread({(): figures.seconds})
    yield LOCK_WAIT.spread({(): lock_waits})
    yield WRITES_REFUSED.of(figures.refused)
    yield WRITES_WAITING.of(figures.waiting)

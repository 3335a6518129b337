"""What health says, as metrics."""

from collections.abc import Iterable, Iterator

from prometheus_client.core import Metric

from core.model.health import Finding
from ops.metrics_export.described import gauge

HEALTH = gauge("trading_health_level", "0 ok, 1 not known, 2 warning, 3 critical.", "component")
HEALTH_VALUE = gauge(
    "trading_health_value",
    "What the level was judged by, in the unit of docs/health.md.",
    "component",
)


def health_part(findings: Iterable[Finding]) -> Iterator[Metric]:
    """Tell the level of each component, and what it was judged by."""
    known = {(finding.component,): finding for finding in findings}
    yield HEALTH.of({name: found.level.rank for name, found in known.items()})
    yield HEALTH_VALUE.of({name: found.value for name, found in known.items()})

"""Every metric there is. docs/monitoring.md lists the same, which a test compares."""

from ops.metrics_export import analyst, exposition, health, journal, machine, market, trading
from ops.metrics_export.described import Described

_MODULES = (market, trading, analyst, journal, machine, health, exposition)


def all_metrics() -> tuple[Described, ...]:
    """Return what may be exposed, in the order of the documentation."""
    return tuple(
        value
        for module in _MODULES
        for value in vars(module).values()
        if isinstance(value, Described)
    )

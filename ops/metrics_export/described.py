"""What a metric is before it has values: its name, type and meaning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from core.tally import Spread

Labels: TypeAlias = tuple[str, ...]
_LONGEST_LABEL: Final = 80
_MOST: Final = 64
"""Series of one metric with labels that are no fixed set; more would burden whoever stores them."""
_REST: Final = "other"


@dataclass(frozen=True, slots=True)
class Described:
    """
    One metric.

    Attributes:
        name: As it is exposed; a counter's ends in ``_total``.
        meaning: One line, for ``# HELP``.
        labels: Their names.
        kind: What Prometheus may do with it.

    Raises:
        ValueError: If the name is not as Prometheus has it.
    """

    name: str
    meaning: str
    labels: Labels = ()
    kind: Literal["gauge", "counter", "histogram"] = "gauge"

    def __post_init__(self) -> None:
        if self.name.endswith("_total") is not (self.kind == "counter"):
            raise ValueError(f"{self.name}: a counter ends in _total, and nothing else does")

    def of(self, values: "Mapping[Labels, float | None] | float | None") -> Metric:
        """
        Return it with values: one, or one by labels; what is None is not known and left out.

        Raises:
            ValueError: If it is a histogram.
        """
        if self.kind == "histogram":
            raise ValueError(f"{self.name} needs a distribution")
        family = GaugeMetricFamily if self.kind == "gauge" else CounterMetricFamily
        made = family(self.name, self.meaning, labels=self.labels)
        told = values if isinstance(values, Mapping) else {(): values}
        for labels, value in told.items():
            if value is not None:
                made.add_metric([tame(label) for label in labels], float(value))
        return made

    def spread(self, spreads: Mapping[Labels, Spread]) -> Metric:
        """Return a histogram with distributions by labels."""
        made = HistogramMetricFamily(self.name, self.meaning, labels=self.labels)
        for labels, spread in spreads.items():
            bounds = (*(f"{bound:g}" for bound in spread.bounds), "+Inf")
            buckets: Sequence[tuple[str, float]] = [
                (bound, float(count)) for bound, count in zip(bounds, spread.counts, strict=True)
            ]
            made.add_metric([tame(label) for label in labels], buckets, spread.total)
        return made


def tame(label: str) -> str:
    """Return a label that can be written whatever was told: short, of characters UTF-8 knows."""
    return label.encode(errors="replace").decode()[:_LONGEST_LABEL]


def few(counts: Mapping[str, float], most: int = _MOST) -> dict[Labels, float]:
    """
    Return counts by names that others choose, with all beyond so many under ``other``.

    Those that were there first keep their place: a sum must not shrink.
    """
    found: dict[Labels, float] = {}
    for name, count in counts.items():
        known = (name,) if (name,) in found or len(found) < most else (_REST,)
        found[known] = found.get(known, 0.0) + count
    return found


def switch(states: Iterable[str], current: str) -> dict[Labels, float]:
    """Return 1 for the current state and 0 for each other."""
    return {(state,): float(state == current) for state in states}


def gauge(name: str, meaning: str, *labels: str) -> Described:
    """Describe what rises and falls."""
    return Described(name, meaning, labels)


def counter(name: str, meaning: str, *labels: str) -> Described:
    """Describe what only grows while the process lives."""
    return Described(name, meaning, labels, "counter")


def histogram(name: str, meaning: str, *labels: str) -> Described:
    """Describe what is counted by size."""
    return Described(name, meaning, labels, "histogram")

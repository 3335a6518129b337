"""
Computes overlays of one view: each is measured, and none can stop the others.

Engine, page and command line run overlays by this only, so that all three leave out the same.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from core.attempts import Attempts, Fault
from core.model.market_view import MarketView
from core.model.overlay import Overlay
from core.model.shapes import Shape
from core.telemetry import Telemetry

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    Overlays of one view.

    Attributes:
        shapes: Of each overlay that could be computed, by its key.
        failed: Why the others could not, by their keys.
    """

    shapes: Mapping[str, tuple[Shape, ...]]
    failed: Mapping[str, str]


class OverlayRunner:
    """
    Compute overlays with their default parameters; any thread may call.

    Args:
        overlays: By key.
        telemetry: Gets a reading of each computation, with the reason where one failed.
    """

    def __init__(self, overlays: Mapping[str, Overlay[Any]], telemetry: Telemetry) -> None:
        self._overlays = overlays
        self._attempts = Attempts(telemetry, logger)

    def run(self, view: MarketView, keys: Iterable[str] | None = None) -> Drawn:
        """
        Draw the overlays named, in their order; all of them where none are named.

        One that raises is left out for this view; the log tells of each overlay and kind
        of failure once, the telemetry each time.

        Raises:
            KeyError: If there is no overlay of a key.
        """
        shapes: dict[str, tuple[Shape, ...]] = {}
        failed: dict[str, str] = {}
        for key in self._overlays if keys is None else keys:
            overlay = self._overlays[key]
            compute = partial(overlay.compute, view, overlay.defaults)
            found = self._attempts.attempt(key, view.candles, compute)
            if isinstance(found, Fault):
                failed[key] = found.reason
            else:
                shapes[key] = found
        return Drawn(MappingProxyType(shapes), MappingProxyType(failed))

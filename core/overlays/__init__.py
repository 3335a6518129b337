"""
Chart overlays: one public module each, each defining one ``OVERLAY``.

To add an overlay, add a module here. Nothing else changes.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from core.model.intervals import Interval
from core.model.overlay import Overlay


def load_overlays() -> Mapping[str, Overlay[Any]]:
    """
    Collect the ``OVERLAY`` of every module in this package, in name order.

    Raises:
        TypeError: If a module defines no ``OVERLAY``.
        ValueError: If two overlays share a key.
    """
    overlays: dict[str, Overlay[Any]] = {}
    for name in sorted(module.name for module in iter_modules(__path__)):
        overlay = getattr(import_module(f"{__name__}.{name}"), "OVERLAY", None)
        if not isinstance(overlay, Overlay):
            raise TypeError(f"core/overlays/{name}.py must define OVERLAY")
        if overlay.key in overlays:
            raise ValueError(f"core/overlays/{name}.py reuses the key {overlay.key!r}")
        overlays[overlay.key] = overlay
    return MappingProxyType(overlays)


def warm_up_candles(overlays: Iterable[Overlay[Any]], interval: Interval) -> int:
    """
    Candles to load before the first one shown, so that all of ``overlays`` are settled there.

    Each is taken with its default parameters; 0 without overlays.
    """
    return max((o.warm_up_candles(o.defaults, interval) for o in overlays), default=0)


def settled(overlays: Mapping[str, Overlay[Any]], interval: Interval, candles: int) -> list[str]:
    """
    Return the keys of those whose newest value in a gapless window is as from all of history.

    Args:
        overlays: By key; each is taken with its default parameters.
        interval: Of the candles.
        candles: Length of the window.
    """
    return [k for k, o in overlays.items() if o.warm_up_candles(o.defaults, interval) < candles]


def companions(overlays: Iterable[Overlay[Any]]) -> Mapping[Interval, int]:
    """Return how many closed bars of other intervals ``overlays`` need before the first shown."""
    most: dict[Interval, int] = {}
    for overlay in overlays:
        for interval, bars in overlay.companions.items():
            most[interval] = max(most.get(interval, 0), bars)
    return MappingProxyType(most)

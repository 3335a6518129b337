"""
Reads what a page can see besides its chart, and tells what changed of it.

A panel that fails says so in its own place; the others live on.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.telemetry import reason_of
from ui import ids
from ui.feature import FAILURES, LivePanel, Update
from ui.pages import Page
from ui.view import View

logger = logging.getLogger(__name__)

RETOLD_AFTER_S = 30.0
"""What stays the same is told again: a message can be lost where a page loads or a socket ends."""


@dataclass(frozen=True, slots=True)
class _Reading:
    view: View
    at_s: float
    value: Any
    told_s: float


class PanelPushes:
    """
    What one push loop has told its browser of the panels.

    Args:
        panels: All there are, by key.
        monotonic: Seconds that never jump.
    """

    def __init__(
        self, panels: Mapping[str, LivePanel[Any]], monotonic: Callable[[], float]
    ) -> None:
        self._panels = panels
        self._monotonic = monotonic
        self._told: dict[str, _Reading] = {}
        self._failed_s: dict[str, float] = {}
        self._faults: dict[str, str] = {}

    async def due(self, page: Page) -> list[Update]:
        """Read the panels that are seen and due; return what changed of them."""
        found: list[Update] = []
        before = dict(self._faults)
        for key in sorted(page.panels):
            panel = self._panels.get(key)
            if panel is not None and self._is_due(panel, page.view):
                try:
                    found += await self._changes(panel, page.view)
                    self._faults.pop(key, None)
                except FAILURES as error:
                    self._note(panel, error)
        if self._faults != before:
            found.append((ids.PANEL_FAULTS, "data", dict(self._faults)))
        return found

    def _note(self, panel: LivePanel[Any], error: Exception) -> None:
        reason = reason_of(error)
        if self._faults.get(panel.key) != reason:
            logger.exception("a part of the page could not be read: panel=%s", panel.key)
        self._faults[panel.key] = reason
        self._failed_s[panel.key] = self._monotonic()
        self._told.pop(panel.key, None)

    def _is_due(self, panel: LivePanel[Any], view: View) -> bool:
        told = self._told.get(panel.key)
        if panel.key in self._faults:
            return self._monotonic() - self._failed_s[panel.key] >= panel.every_s
        if told is None or told.view.market != view.market:
            return True
        return self._monotonic() - told.at_s >= panel.every_s

    async def _changes(self, panel: LivePanel[Any], view: View) -> list[Update]:
        told = self._told.get(panel.key)
        value = await asyncio.to_thread(panel.read, view)
        now_s = self._monotonic()
        if told is not None and value == told.value and now_s - told.told_s < RETOLD_AFTER_S:
            self._told[panel.key] = _Reading(view, now_s, value, told.told_s)
            return []
        is_news = told is not None and value != told.value
        self._told[panel.key] = _Reading(view, now_s, value, now_s)
        return list(panel.updates(value, told.value if told is not None and is_news else None))

"""Reads what a page can see besides its chart, and tells what changed of it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ui.feature import LivePanel, Update
from ui.pages import Page
from ui.view import View


@dataclass(frozen=True, slots=True)
class _Reading:
    view: View
    at_s: float
    value: Any


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

    async def due(self, page: Page) -> list[Update]:
        """Read the panels that are seen and due; return what changed of them."""
        found: list[Update] = []
        for key in sorted(page.panels):
            panel = self._panels.get(key)
            if panel is not None and self._is_due(panel, page.view):
                found += await self._changes(panel, page.view)
        return found

    def _is_due(self, panel: LivePanel[Any], view: View) -> bool:
        told = self._told.get(panel.key)
        if told is None or told.view.market != view.market:
            return True
        return self._monotonic() - told.at_s >= panel.every_s

    async def _changes(self, panel: LivePanel[Any], view: View) -> list[Update]:
        told = self._told.get(panel.key)
        value = await asyncio.to_thread(panel.read, view)
        self._told[panel.key] = _Reading(view, self._monotonic(), value)
        before = told.value if told is not None else None
        if told is not None and value == before:
            return []
        return list(panel.updates(value, before))

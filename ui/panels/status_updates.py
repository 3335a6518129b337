"""What of a page changes when a slow fact changes, or the market it shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from core.model.engine_state import EngineState
from ui import ids
from ui.panels.cache import cache_panel
from ui.panels.engine import engine_badges, notices
from ui.panels.feed import streams_panel
from ui.panels.regime import Standing, regime_panel, standing
from ui.panels.signals import signal_rows, signals_summary
from ui.panels.telemetry import cost_text, telemetry_panel
from ui.regime_service import RegimeReading
from ui.services import Services
from ui.status_service import Status
from ui.view import View

Update: TypeAlias = tuple[str, str, Any]
"""Component id, property, value."""

_TELEMETRY = "telemetry"
"""Key of the card's part in `ui.layout`."""


@dataclass(frozen=True, slots=True)
class Told:
    """
    What a page was told, or is about to be.

    Attributes:
        panels: Keys of the panels that can be seen; tables that cannot are not told.
        costed: The reading whose costs are told: they may be older than the rest.
    """

    view: View
    status: Status
    regime: RegimeReading
    panels: frozenset[str]
    costed: Status


def status_updates(now: Told, before: Told | None, services: Services) -> Iterator[Update]:
    """
    Yield the properties that ``now`` changes on a page.

    Args:
        now: What is known.
        before: What the page shows of it; None when nothing.
        services: Where settings, overlays and instruments are read.
    """
    same_symbol = before is not None and before.view.symbol == now.view.symbol
    known = before.status if before is not None and same_symbol else None
    yield from _slow_facts(now.status, known, services)
    yield from _system(now, before if same_symbol else None, services)
    yield from _costs(now, before, services)
    yield from _regime(now, before, services)


def _slow_facts(now: Status, before: Status | None, services: Services) -> Iterator[Update]:
    if before is None or now.engine != before.engine:
        yield ids.ENGINE, "children", engine_badges(now.engine, services.settings)
    if before is None or _warnings(now) != _warnings(before):
        yield ids.NOTICES, "children", notices(*_warnings(now))
    if before is None or now.signals != before.signals:
        yield ids.SIGNALS, "rowData", signal_rows(now.signals, services.feed.instruments)
        yield ids.SIGNALS_SUMMARY, "children", signals_summary(now.signals)


def _system(now: Told, before: Told | None, services: Services) -> Iterator[Update]:
    """Yield the tables of the page System, while they can be seen: they change all the time."""
    symbol, status = now.view.symbol, now.status
    if "feed" in now.panels:
        known = before.status.feed if before and "feed" in before.panels else None
        if status.feed != known:
            book = services.feed.order_flow.book(symbol)
            yield ids.FEED_STREAMS, "children", streams_panel(status.feed, symbol, book)
    if "cache" in now.panels:
        kept = before.status.cache if before and "cache" in before.panels else None
        if status.cache != kept:
            yield ids.CACHE_CARD, "children", cache_panel(status.cache, symbol)


def _costs(now: Told, before: Told | None, services: Services) -> Iterator[Update]:
    """Yield the telemetry card while it is seen, and what overlays cost beside their names."""
    status, known = now.costed, before.costed if before else None
    if _TELEMETRY in now.panels:
        shown = known if before and _TELEMETRY in before.panels else None
        if shown is None or _measured(status) != _measured(shown):
            titles = {key: overlay.title for key, overlay in services.overlays.items()}
            evaluates = services.settings.signals.interval.value
            panel = telemetry_panel(status.engine, status.page_costs, titles, evaluates)
            yield ids.TELEMETRY_CARD, "children", panel
    if known is status:
        return
    for key in services.overlays:
        text = cost_text(status.costs.get(key))
        if known is None or text != cost_text(known.costs.get(key)):
            yield f"{ids.COST}-{key}", "children", text


def _regime(now: Told, before: Told | None, services: Services) -> Iterator[Update]:
    """Yield the regime card, and what its button would do."""
    stands = _standing(now, services)
    known = None if before is None else _standing(before, services)
    if stands == known:
        return
    yield ids.REGIME, "children", regime_panel(stands)
    use = _use(stands)
    if known is None or use != _use(known):
        yield ids.RECOMMENDED, "data", use
        yield ids.REGIME_USE, "disabled", not any(use.values())


def _use(stands: Standing) -> dict[str, list[str]]:
    advice = stands.advice
    return {"enable": list(advice.enable), "disable": list(advice.disable)}


def _standing(told: Told, services: Services) -> Standing:
    regimes, costs = told.status.regimes, told.costed.costs
    return standing(told.regime, told.view, regimes, costs, services.overlays)


def _warnings(status: Status) -> tuple[EngineState, str, str]:
    return status.engine, status.journal_fault, status.cache.alarm


def _measured(status: Status) -> tuple[Any, ...]:
    return status.engine.activity, status.engine.costs, status.page_costs

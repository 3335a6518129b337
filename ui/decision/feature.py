"""Decision card, alignment grid, list of evaluations and drawer as a feature of the page."""

from collections.abc import Iterator
from typing import Any

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from core.journal.database import database_url
from core.journal.decision_reader import DecisionReader
from ui.decision import ids
from ui.decision.alignment import AlignmentReader, AlignmentReading, alignment_told
from ui.decision.panel import alignment_card, decision_card, drawer, mark
from ui.decision.reading import DecisionDesk, LatestReading, LinesReading
from ui.decision.routes import decision_routes
from ui.decision.telling import probability, story_told
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.panels import evaluations
from ui.services import Services

_EVERY_S = 2.0


def decision_feature(services: Services, home: Home) -> Feature:
    """
    Return everything about evaluations.

    Args:
        services: Market, settings and the engine's state.
        home: Where the journal lies.
    """
    url = database_url(home.database)
    return decision_feature_on(services, DecisionDesk(services, lambda: DecisionReader.open(url)))


def decision_feature_on(services: Services, desk: DecisionDesk) -> Feature:
    """Return the feature over a desk."""

    def card(now: LatestReading, _: LatestReading | None) -> Iterator[Update]:
        yield ids.TOLD, "data", latest_told(now, desk.threshold)

    def lines(now: LinesReading, before: LinesReading | None) -> Iterator[Update]:
        if before is None or now.lines != before.lines:
            rows = evaluations.evaluation_rows(now.lines, desk.threshold)
            yield evaluations.GRID, "rowData", rows
        fault = f"The journal cannot be read: {now.fault}" if now.fault else ""
        yield evaluations.FAULT, "children", fault

    return Feature(
        parts=(
            Part(Place.RIGHT, "decision", decision_card, "Decision", order=10),
            Part(Place.RIGHT, "alignment", alignment_card, "Timeframe alignment", order=50),
            Part(Place.ASIDE, "decision-drawer-part", drawer),
            Part(Place.CHART, "decision-mark-part", mark),
        ),
        panels=(
            LivePanel("decision", _EVERY_S, desk.latest, card),
            LivePanel("alignment", _EVERY_S, AlignmentReader(services).reading, _alignment),
            LivePanel(evaluations.KEY, _EVERY_S, desk.lines, lines),
        ),
        register=_register,
        router=decision_routes(desk),
    )


def latest_told(reading: LatestReading, threshold: float) -> dict[str, Any]:
    """Return the card as the browser draws it; ``empty`` says why there is nothing to draw."""
    told: dict[str, Any] = {"symbol": reading.symbol, "engine": reading.engine, "empty": ""}
    if reading.fault:
        return told | {"empty": f"The journal cannot be read: {reading.fault}", "fault": True}
    if reading.story is None:
        return told | {
            "empty": f"No evaluation of {reading.symbol} yet. The engine evaluates each closed "
            f"{reading.interval} candle of the symbols it follows."
        }
    story = story_told(reading.story, threshold, reading.decimals)
    return told | story | {"probability": probability(reading.calibration, story["confidence"])}


def _alignment(now: AlignmentReading, _: AlignmentReading | None) -> Iterator[Update]:
    yield ids.ALIGNMENT_TOLD, "data", alignment_told(now)


def _register(app: Dash) -> None:
    """Attach the slow way of what is pushed; ``verdict_card.js`` takes it past the renderer."""
    for store, taker in ((ids.TOLD, "take"), (ids.ALIGNMENT_TOLD, "align")):
        app.clientside_callback(
            ClientsideFunction("decision", taker), Input(store, "data"), prevent_initial_call=True
        )

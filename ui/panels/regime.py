"""The card that says what kind of market it is, and which overlays serve in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dash import dcc, html

from core.model.intervals import Interval
from core.model.overlay import Overlay
from core.model.regime import Regime, RegimeChange
from core.model.regime_fit import REGIME_LABELS
from core.model.telemetry import FeatureCost
from core.signals.recommendation import Recommendation, recommendation
from ui import ids
from ui.figures.numbers import UNKNOWN, number
from ui.panels.card import figures
from ui.regime_service import RegimeReading
from ui.view import View

_TONES = {Regime.TREND_UP: "up", Regime.TREND_DOWN: "down", Regime.VOLATILE: "warned"}


def regime_card() -> html.Div:
    """Return the card's body; what is inside of ``ids.REGIME`` is replaced by `regime_panel`."""
    return html.Div(
        [
            html.Button(
                "Use",
                id=ids.REGIME_USE,
                className="use",
                disabled=True,
                title="Switch overlays on and off as recommended here",
            ),
            html.Div(html.P("Not read yet.", className="empty"), id=ids.REGIME),
            dcc.Store(id=ids.RECOMMENDED),
        ],
        className="regime",
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What the card says; an equal one needs no new card.

    Attributes:
        market: Symbol and interval, for people.
        regime: The one to act on.
        origin: Where it is known from.
        reading: What was computed.
        advice: Which overlays to switch on and off.
    """

    market: str
    regime: Regime
    headline: str
    origin: str
    reading: RegimeReading
    advice: Recommendation


def standing(
    reading: RegimeReading,
    view: View,
    last: Mapping[tuple[str, Interval], RegimeChange],
    costs: Mapping[str, FeatureCost],
    overlays: Mapping[str, Overlay[Any]],
) -> Standing:
    """
    Return what is to be said of the market of ``view``.

    What is computed counts; until that is settled the last known one stands, that of
    this market first, then a first guess, then that of the symbol's other intervals.

    Args:
        reading: What was computed of the candles there are.
        view: What the page shows.
        last: The last known regimes of markets that are evaluated.
        costs: What was measured, by feature.
        overlays: What may be switched on and off.
    """
    regime, headline, origin = _stands(reading, view, last)
    advice = recommendation(
        regime,
        {key: cost.p95_ms for key, cost in costs.items() if key in overlays},
        {key: overlay.title for key, overlay in overlays.items()},
    )
    market = f"{view.symbol} {view.interval.value}"
    return Standing(market, regime, headline, origin, reading, advice)


def regime_panel(stands: Standing) -> list[Any]:
    """Return the contents of the card."""
    tone = _TONES.get(stands.regime, "")
    return [
        html.P(stands.headline, className=f"headline {tone}"),
        html.P(f"{stands.market} · {stands.origin}", className="muted origin"),
        figures(_measures(stands.reading)),
        html.P(_advice(stands.advice), className="advice"),
    ]


def _stands(
    reading: RegimeReading, view: View, last: Mapping[tuple[str, Interval], RegimeChange]
) -> tuple[Regime, str, str]:
    if reading.is_settled:
        return reading.regime, _headline(reading), _as_of(reading.known_ms)
    warming = f"warming up: {reading.seen} of {reading.needed} candles"
    own = last.get((view.symbol, view.interval))
    if own is not None:
        return own.regime, REGIME_LABELS[own.regime], f"{_last_known(own)}, {warming}"
    if reading.regime is not Regime.UNKNOWN:
        return reading.regime, _headline(reading), f"first guess, {warming}"
    others = [change for (symbol, _), change in last.items() if symbol == view.symbol]
    if others:
        newest = max(others, key=lambda change: change.known_ms)
        origin = f"{_last_known(newest)} on {newest.interval.value} candles, {warming}"
        return newest.regime, REGIME_LABELS[newest.regime], origin
    return Regime.UNKNOWN, REGIME_LABELS[Regime.UNKNOWN], warming


def _advice(advice: Recommendation) -> str:
    if advice.regime is Regime.UNKNOWN:
        return "Overlays are recommended once the regime is known."
    text = advice.text.removeprefix(f"{REGIME_LABELS[advice.regime]}:").strip()
    return text[:1].upper() + text[1:]


def _headline(reading: RegimeReading) -> str:
    candles = number(reading.candles, 0) + (" candle" if reading.candles == 1 else " candles")
    return f"{REGIME_LABELS[reading.regime]} · {candles}{' or more' if reading.is_older else ''}"


def _measures(reading: RegimeReading) -> list[tuple[str, Any]]:
    rank = UNKNOWN if reading.volatility is None else f"{number(reading.volatility * 100, 0)} %"
    return [
        ("ADX", number(reading.adx, 0)),
        ("Efficiency", number(reading.efficiency, 2, signed=True)),
        ("Slope, ATR per candle", number(reading.slope_atr, 2, signed=True)),
        ("Volatility rank", rank),
    ]


def _as_of(known_ms: int | None) -> str:
    return "" if known_ms is None else f"as of {_moment(known_ms)}"


def _last_known(change: RegimeChange) -> str:
    return f"last known {_moment(change.known_ms)}"


def _moment(close_ms: int) -> str:
    """Say when a candle closed: a bar that ends at 14:01:59.999 is known at 14:02."""
    at = datetime.fromtimestamp((close_ms + 1) / 1000, UTC)
    return f"{at:%Y-%m-%d %H:%M} UTC"

"""What overlays and features cost to compute, and which of them stand out."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from core.model.engine_state import EngineActivity, EngineState
from core.model.telemetry import COST_RECENT, FeatureCost
from core.signals.recommendation import COSTLY_MS, COSTLY_SHARE
from ui.figures.numbers import UNKNOWN, number
from ui.panels.card import attribute
from ui.theme import DARK

_KB_PER_MB = 1024.0
_HUNDREDTHS_BELOW_MS = 1.0
_WHOLE_FROM = 100.0
_SPARK_WIDTH, _SPARK_HEIGHT = 34, 14
_INK = 0.75
"""Share of a bar's width that is not empty."""
_SHARED_BY_AT_LEAST = 3
"""Of two features one always has half of the time."""
_ENGINE_ACTIVE = frozenset({EngineActivity.RUNNING, EngineActivity.STALE})


def telemetry_panel(
    engine: EngineState,
    page_costs: Sequence[FeatureCost],
    titles: Mapping[str, str],
    evaluates: str,
) -> list[Any]:
    """
    Return the contents of the card.

    Args:
        engine: With what its computations cost.
        page_costs: What drawing has cost the dashboard.
        titles: Of overlays, by key; other features are called by their name.
        evaluates: Of which candles the engine makes its signals.
    """
    told = engine.costs if engine.activity in _ENGINE_ACTIVE else ()
    parts: list[Any] = (
        [_table(told, titles, "engine-costs")] if told else [_why_empty(engine, evaluates)]
    )
    if page_costs:
        parts.append(
            html.Details(
                [
                    html.Summary("What drawing costs this dashboard"),
                    _table(page_costs, titles, "page-costs"),
                ],
                open=not told,
            )
        )
    return parts


def cost_text(cost: FeatureCost | None) -> str:
    """Return the milliseconds one computation nearly never exceeds; empty while unknown."""
    return "" if cost is None else _ms(cost.p95_ms)


def _why_empty(engine: EngineState, evaluates: str) -> html.P:
    said = "Feature metrics are recorded when signals are generated"
    if engine.activity is EngineActivity.STOPPED:
        start = html.Code("make start")
        return html.P([f"{said}: start the engine with ", start, "."], className="empty")
    return html.P(f"{said}: the first with the next {evaluates} candle.", className="empty")


def _table(costs: Sequence[FeatureCost], titles: Mapping[str, str], name: str) -> html.Table:
    by_share = sorted(costs, key=lambda cost: (-cost.share, cost.feature))
    heads = [
        _head("feature", "Sort by name"),
        _head("ms", "Median of the newest computations"),
        _head("p95", "95 of 100 took no longer, in milliseconds"),
        _head("MB", "Peak memory of the newest sample"),
        _head("share", "Of all time spent on these computations"),
        html.Th(""),
    ]
    rows: list[Any] = []
    for cost in by_share:
        shared = len(costs) >= _SHARED_BY_AT_LEAST
        is_costly = cost.p95_ms > COSTLY_MS or (shared and cost.share > COSTLY_SHARE)
        rows += _rows(cost, titles.get(cost.feature) or _spoken(cost.feature), is_costly)
    return html.Table(
        [html.Thead(html.Tr(heads)), html.Tbody(rows)],
        className="telemetry",
        **attribute("data-sort", name),
    )


def _head(word: str, hint: str) -> html.Th:
    """Return the head of a column, which sorts by it (``table_sort.js``)."""
    return html.Th(html.Button(word, type="button", className="sort", title=hint))


def _rows(cost: FeatureCost, title: str, is_costly: bool) -> list[html.Tr]:
    peak = UNKNOWN if cost.peak_kb is None else _ms(cost.peak_kb / _KB_PER_MB)
    hint = f"{title}: computed {number(cost.count, 0)} times, {number(cost.errors, 0)} failed"
    row = html.Tr(
        [
            html.Td(title, title=hint),
            html.Td(_ms(cost.median_ms)),
            html.Td(_ms(cost.p95_ms), className="p95"),
            html.Td(peak),
            html.Td(f"{number(cost.share * 100, 0)} %"),
            html.Td(html.Img(src=_sparkline(cost.recent_ms), alt="")),
        ],
        className="costly" if is_costly else "",
    )
    if not cost.errors:
        return [row]
    now = f", now: {cost.error}" if cost.error else ""
    said = f"{number(cost.errors, 0)} of {number(cost.count, 0)} failed{now}"
    return [row, html.Tr(html.Td(said, colSpan=6), className="reason")]


def _spoken(feature: str) -> str:
    """Say what is no overlay: ``features.regime`` are the regime features."""
    package, _, group = feature.rpartition(".")
    return f"{group} {package}".strip().replace("_", " ")


def _ms(value: float) -> str:
    """Return a small amount in two or three digits."""
    return number(value, 2 if value < _HUNDREDTHS_BELOW_MS else 0 if value >= _WHOLE_FROM else 1)


def _sparkline(values: Sequence[float]) -> str:
    """Return bars from zero, newest right, as the address of an image."""
    most = max(values, default=0.0) or 1.0
    step = _SPARK_WIDTH / COST_RECENT
    first = COST_RECENT - len(values) + 0.5
    bars = "".join(
        f"M{(first + i) * step:.1f} {_SPARK_HEIGHT}v{-max(1.0, value / most * _SPARK_HEIGHT):.1f}"
        for i, value in enumerate(values)
    )
    stroke = f"stroke='{DARK.muted}' stroke-width='{step * _INK:.1f}'"
    size = f"width='{_SPARK_WIDTH}' height='{_SPARK_HEIGHT}'"
    image = f"<svg xmlns='http://www.w3.org/2000/svg' {size}><path d='{bars}' {stroke}/></svg>"
    return f"data:image/svg+xml,{quote(image)}"

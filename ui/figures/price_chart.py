"""Closed candles with volume, overlays and signals. What still moves is drawn by a script."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.indicators.heikin_ashi import HeikinAshi
from core.model.candles import CandleSeries, FloatArray
from ui.figures.drawn_overlay import DrawnOverlay
from ui.figures.fact_traces import ShownFact, fact_told, fact_traces
from ui.figures.missing_spans import MissingSpan, missing_traces
from ui.figures.numbers import THIN_SPACE
from ui.figures.overlay_traces import Drawing, overlay_drawing
from ui.figures.panes import Panes, layout_name, panes, spike
from ui.figures.plotly_json import Figure, Trace, times, values
from ui.figures.signal_marks import SignalMark, signal_marks
from ui.look import FactPane
from ui.theme import FONT, Palette

CANDLE_GAP = 0.25
"""Share of a bar's width that stays empty; ``candle_layer.js`` uses the same."""
_AVERAGED_DIGITS = 2
"""More than a price has: from the newest averaged candle scripts go on to the running one."""


def price_chart(
    candles: CandleSeries,
    overlays: Sequence[DrawnOverlay],
    marks: Sequence[SignalMark],
    missing: Sequence[MissingSpan] = (),
    *,
    decimals: int,
    palette: Palette,
    averaged: HeikinAshi | None = None,
    is_log: bool = False,
    facts: Sequence[ShownFact] = (),
) -> Figure:
    """
    Build the chart of one market.

    Args:
        candles: What is shown; may be empty.
        overlays: Their output over these or more candles, ending with them.
        marks: Signals of this symbol, in any order.
        missing: Candles that are not there, oldest first.
        decimals: Digits of a price.
        palette: Colours by role.
        averaged: Drawn in place of ``candles``, which ``layout.meta`` then holds as ``real``.
        is_log: Whether equal distances of price are equal ratios.
        facts: What is told besides candles, a pane each, from the top.

    Returns:
        A figure without axis ranges: the browser knows its width and what the viewer
        zoomed to. ``layout.meta`` says what the figure shows.
    """
    told = {fact.pane: fact for fact in facts}
    layout = panes(overlays, told, decimals=decimals, palette=palette, is_log=is_log)
    if len(candles) == 0:  # of an axis without a trace Plotly may draw lines at NaN
        layout = layout.price_alone()
    drawing = overlay_drawing(overlays, candles, layout.axes, decimals=decimals, palette=palette)
    drawn = candles if averaged is None else averaged
    digits = decimals if averaged is None else decimals + _AVERAGED_DIGITS
    traces = [
        _volume(candles, drawn, palette),
        _candlesticks(candles, drawn, digits, palette),
        *drawing.traces,
        *signal_marks(marks, candles, decimals=decimals, palette=palette),
        *missing_traces(missing, candles, palette=palette),
        *_facts(told, layout, candles, palette),
    ]
    market = f"{candles.symbol}|{candles.interval.value}"
    meta = {
        "market": market,
        "bars": len(candles),
        "interval_ms": candles.interval.duration_ms,
        "decimals": decimals,
        "follow": list(layout.follow),
        "axes": {key: [axes.main, axes.own] for key, axes in layout.axes.items()},
        "legend": drawing.legend,
        "zones": drawing.zones,
        "panes": [[layout_name(axis), kind] for kind, axis in layout.below.items()],
        "facts": [fact_told(told[pane], axis) for pane, axis in layout.facts.items()],
        "real": None if averaged is None else _prices(candles, decimals),
    }
    identity = {"uirevision": market, "meta": meta}
    return {"data": traces, "layout": _layout(layout, drawing, palette) | identity}


def _facts(
    told: Mapping[FactPane, ShownFact], layout: Panes, candles: CandleSeries, palette: Palette
) -> list[Trace]:
    """Draw the panes of facts, up to the end of the newest candle."""
    if not layout.facts:
        return []
    newest_ms = candles.interval.close_time_ms(int(candles.open_time_ms[-1]))
    span_ms = (int(candles.open_time_ms[0]), newest_ms)
    return [
        trace
        for pane, axis in layout.facts.items()
        for trace in fact_traces(told[pane], axis, span_ms, palette)
    ]


def _prices(of: CandleSeries | HeikinAshi, decimals: int) -> dict[str, list[float | None]]:
    columns: dict[str, FloatArray] = {
        "open": of.open,
        "high": of.high,
        "low": of.low,
        "close": of.close,
    }
    return {name: values(column, decimals) for name, column in columns.items()}


def _candlesticks(
    candles: CandleSeries, drawn: CandleSeries | HeikinAshi, decimals: int, palette: Palette
) -> Trace:
    def look(colour: str) -> dict[str, Any]:
        return {"line": {"color": colour, "width": 1}, "fillcolor": colour}

    return {
        "type": "candlestick",
        "name": candles.symbol,
        "x": times(candles.open_time_ms),
        **_prices(drawn, decimals),
        "increasing": look(palette.up),
        "decreasing": look(palette.down),
        "whiskerwidth": 0,
        "hoverinfo": "none",
    }


def _volume(candles: CandleSeries, drawn: CandleSeries | HeikinAshi, palette: Palette) -> Trace:
    rising = (drawn.close >= drawn.open).tolist()
    return {
        "type": "bar",
        "name": "Volume",
        "x": times(candles.open_time_ms),
        "y": values(candles.volume, 3),
        "yaxis": "y2",
        "marker": {
            "color": [palette.up if up else palette.down for up in rising],
            "opacity": 0.45,
            "line": {"width": 0},
        },
        "hoverinfo": "none",
    }


_TIME_LABELS: list[dict[str, Any]] = [
    {"dtickrange": [None, 59_999], "value": "%H:%M:%S\n%b %-d"},
    {"dtickrange": [60_000, 86_399_999], "value": "%H:%M\n%b %-d"},
    {"dtickrange": [86_400_000, "M1"], "value": "%b %-d\n%Y"},
    {"dtickrange": ["M1", None], "value": "%b\n%Y"},
]
"""Plotly's own name the year with each date: too wide at the left edge, where they are cut."""


def _layout(panes: Panes, drawing: Drawing, palette: Palette) -> dict[str, Any]:
    time = {
        "gridcolor": palette.grid,
        "linecolor": palette.line,
        "zeroline": False,
        "tickfont": {"color": palette.muted, "size": 11},
        "ticklabeloverflow": "allow",
        "tickformatstops": _TIME_LABELS,
        "type": "date",
        "anchor": panes.lowest,
        "rangeslider": {"visible": False},
    }
    return {
        "autosize": True,
        "paper_bgcolor": palette.panel,
        "plot_bgcolor": palette.panel,
        "font": {"family": FONT, "size": 12, "color": palette.text},
        "margin": {"l": 8, "r": 74, "t": 30, "b": 36},
        "showlegend": False,
        "hovermode": "x",
        "hoverdistance": 24,
        "spikedistance": -1,
        "hoverlabel": {
            "bgcolor": palette.raised,
            "bordercolor": palette.line,
            "font": {"color": palette.text, "size": 12},
            "align": "left",
        },
        "dragmode": "pan",
        "separators": f".{THIN_SPACE}",
        "bargap": CANDLE_GAP,
        "barmode": "overlay",
        "boxgap": CANDLE_GAP,
        "boxgroupgap": 0,
        "shapes": drawing.lines,
        "xaxis": time | spike(palette),
        **panes.layout,
        **drawing.axes,
    }

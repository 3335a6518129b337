"""Closed candles with volume, overlays and signals. What still moves is drawn by a script."""

from collections.abc import Sequence
from typing import Any

from core.model.candles import CandleSeries
from core.model.shapes import Shape
from ui.figures.missing_spans import MissingSpan, missing_traces
from ui.figures.numbers import THIN_SPACE
from ui.figures.overlay_traces import overlay_traces
from ui.figures.plotly_json import Figure, Trace, times, values
from ui.figures.signal_marks import SignalMark, signal_marks
from ui.theme import FONT, Palette

CANDLE_GAP = 0.25
"""Share of a bar's width that stays empty; ``candle_layer.js`` uses the same."""
_VOLUME_TOP = 0.16
_PRICE_BOTTOM = 0.2


def price_chart(
    candles: CandleSeries,
    shapes: Sequence[Shape],
    marks: Sequence[SignalMark],
    missing: Sequence[MissingSpan] = (),
    *,
    decimals: int,
    palette: Palette,
) -> Figure:
    """
    Build the chart of one market.

    Args:
        candles: What is shown; may be empty.
        shapes: Overlay output over these or more candles, ending with them.
        marks: Signals of this symbol, in any order.
        missing: Candles that are not there, oldest first.
        decimals: Digits of a price.
        palette: Colours by role.

    Returns:
        A figure without axis ranges: the browser knows its width and what the viewer
        zoomed to. ``layout.meta`` says what the figure shows.
    """
    traces = [
        _volume(candles, palette),
        _candlesticks(candles, decimals, palette),
        *overlay_traces(shapes, candles, decimals=decimals, palette=palette),
        *signal_marks(marks, candles, decimals=decimals, palette=palette),
        *missing_traces(missing, candles, palette=palette),
    ]
    market = f"{candles.symbol}|{candles.interval.value}"
    meta = {
        "market": market,
        "bars": len(candles),
        "interval_ms": candles.interval.duration_ms,
        "decimals": decimals,
    }
    return {"data": traces, "layout": _layout(decimals, palette) | _identity(market, meta)}


def _identity(market: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {"uirevision": market, "meta": meta}


def _candlesticks(candles: CandleSeries, decimals: int, palette: Palette) -> Trace:
    def look(colour: str) -> dict[str, Any]:
        return {"line": {"color": colour, "width": 1}, "fillcolor": colour}

    return {
        "type": "candlestick",
        "name": candles.symbol,
        "x": times(candles.open_time_ms),
        "open": values(candles.open, decimals),
        "high": values(candles.high, decimals),
        "low": values(candles.low, decimals),
        "close": values(candles.close, decimals),
        "increasing": look(palette.up),
        "decreasing": look(palette.down),
        "whiskerwidth": 0,
        "hoverinfo": "none",
    }


def _volume(candles: CandleSeries, palette: Palette) -> Trace:
    rising = (candles.close >= candles.open).tolist()
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


def _layout(decimals: int, palette: Palette) -> dict[str, Any]:
    axis = {
        "gridcolor": palette.grid,
        "linecolor": palette.line,
        "zeroline": False,
        "tickfont": {"color": palette.muted, "size": 11},
    }
    spike = {
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "cursor",
        "spikethickness": 1,
        "spikedash": "dot",
        "spikecolor": palette.muted,
    }
    price = {"side": "right", "domain": [_PRICE_BOTTOM, 1.0], "tickformat": f",.{decimals}f"}
    volume = {"side": "right", "domain": [0.0, _VOLUME_TOP], "nticks": 3, "tickformat": "~s"}
    return {
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
        "boxgap": CANDLE_GAP,
        "boxgroupgap": 0,
        "xaxis": axis | spike | {"type": "date", "anchor": "y2", "rangeslider": {"visible": False}},
        "yaxis": axis | spike | price | {"anchor": "x", "fixedrange": True},
        "yaxis2": axis | volume | {"anchor": "x", "fixedrange": True, "gridcolor": palette.panel},
        "yaxis3": {
            "overlaying": "y",
            "anchor": "x",
            "range": [0.0, 1.0],
            "fixedrange": True,
            "visible": False,
        },
    }

"""Worth of the accounts with their drawdown, as Plotly's own JSON."""

from collections.abc import Mapping
from typing import Any, Final

from core.model.source import SOURCE_WORDS, Source
from ui.figures.plotly_json import Figure, Trace, times, values
from ui.performance.chart_style import across, plain_layout, upwards
from ui.performance.desk import Curve
from ui.performance.downsampling import drawdown, kept_points
from ui.theme import Palette

_DASHES: Final = {
    Source.POLICY: "solid",
    Source.RULES: "dash",
    Source.RANDOM: "dot",
    Source.HAND: "dashdot",
}
"""Lines are told apart without their colours too."""
_DRAWDOWN_SHARE = 0.3
_GAP = 0.1


def equity_figure(curves: Mapping[Source, Curve], palette: Palette, buckets: int) -> Figure:
    """
    Build the worth of accounts with their drawdown below, in feed time.

    Args:
        curves: Of at least one account.
        palette: Colours by role.
        buckets: About as many as the plot has pixels; see `kept_points`.
    """
    traces: list[Trace] = []
    for source in Source:
        if source in curves:
            traces += _curve_traces(source, curves[source], palette, buckets)
    start = curves[Source.POLICY].start if Source.POLICY in curves else None
    level = _level(start, palette) if start is not None else []
    below = upwards(palette) | {"domain": [0, _DRAWDOWN_SHARE], "ticksuffix": " %", "nticks": 4}
    above = upwards(palette) | {"domain": [_DRAWDOWN_SHARE + _GAP, 1], "tickformat": ",.0f"}
    time = {"type": "date", "anchor": "y2", "hoverformat": "%Y-%m-%d %H:%M UTC"}
    layout = plain_layout(palette) | {
        "hovermode": "x unified",
        "showlegend": True,
        "xaxis": across(palette) | time,
        "yaxis": above | {"autorangeoptions": {"include": start}},
        "yaxis2": below | {"rangemode": "tozero"},
        "shapes": level,
        "annotations": [
            _title("Equity, USD", 1.0, palette),
            _title("Drawdown", _DRAWDOWN_SHARE, palette, anchor="bottom"),
        ],
    }
    return {"data": traces, "layout": layout}


def _curve_traces(source: Source, curve: Curve, palette: Palette, buckets: int) -> list[Trace]:
    fall = drawdown(curve.equity, curve.start) * 100.0
    kept = kept_points(curve.at_ms, (curve.equity, fall), buckets)
    at_ms, name = times(curve.at_ms[kept]), SOURCE_WORDS[source]
    is_traded = source is Source.POLICY
    line = {
        "color": _colour(source, palette),
        "dash": _DASHES[source],
        "width": 1.8 if is_traded else 1.2,
    }
    common: Trace = {
        "type": "scatter",
        "mode": "lines",
        "x": at_ms,
        "name": name,
        "line": line,
        "legendgroup": name,
    }
    worth: Trace = {
        **common,
        "y": values(curve.equity[kept], 2),
        "hovertemplate": "%{y:,.2f} USD",
    }
    below: Trace = {
        **common,
        "y": values(fall[kept], 3),
        "yaxis": "y2",
        "showlegend": False,
        "opacity": 1.0 if is_traded else 0.6,
        "name": f"{name}, drawdown",
        "hovertemplate": "%{y:.2f} %",
    }
    if is_traded:
        below |= {"fill": "tozeroy", "fillcolor": _faint(palette.down)}
    return [worth, below]


def _colour(source: Source, palette: Palette) -> str:
    return {
        Source.POLICY: palette.first,
        Source.RULES: palette.second,
        Source.RANDOM: palette.third,
        Source.HAND: palette.neutral,
    }[source]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"


def _level(start: float, palette: Palette) -> list[dict[str, Any]]:
    line = {"color": palette.muted, "width": 1, "dash": "dot"}
    across = {"x0": 0, "x1": 1, "xref": "paper", "y0": start, "y1": start, "yref": "y"}
    return [{"type": "line", "layer": "below", "line": line, **across}]


def _title(text: str, y: float, palette: Palette, *, anchor: str = "top") -> dict[str, Any]:
    font = {"size": 11, "color": palette.muted}
    place = {"x": 0, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": anchor}
    return {"text": text, "showarrow": False, "font": font, **place}

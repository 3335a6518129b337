"""Charts of how the accounts did, as Plotly's own JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from core.model.source import SOURCE_WORDS, Source
from core.signals.metrics import Bucket
from ui.figures.numbers import MINUS, THIN_SPACE
from ui.figures.plotly_json import Figure, Trace, times, values
from ui.performance.breakdowns import R_STEP, Day
from ui.performance.desk import Curve
from ui.performance.downsampling import drawdown, kept_points
from ui.theme import FONT, Palette

_DASHES: Final = {
    Source.POLICY: "solid",
    Source.RULES: "dash",
    Source.RANDOM: "dot",
    Source.HAND: "dashdot",
}
"""Lines are told apart without their colours too."""
_HATCHED: Final = {"shape": "/", "fillmode": "overlay", "size": 5, "solidity": 0.3}
_DRAWDOWN_SHARE = 0.3
_GAP = 0.06
_LEAST_DAYS = 14
_DAY_MS = 86_400_000


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
    below = _up(palette) | {"domain": [0, _DRAWDOWN_SHARE], "ticksuffix": " %", "title": ""}
    above = _up(palette) | {"domain": [_DRAWDOWN_SHARE + _GAP, 1], "tickformat": ",.0f"}
    time = {"type": "date", "anchor": "y2", "hoverformat": "%Y-%m-%d %H:%M UTC"}
    layout = _layout(palette) | {
        "hovermode": "x unified",
        "showlegend": True,
        "xaxis": _across(palette) | time,
        "yaxis": above | {"autorangeoptions": {"include": start}},
        "yaxis2": below | {"rangemode": "tozero"},
        "shapes": level,
        "annotations": [
            _title("Equity, USD", 1.0, palette),
            _title("Drawdown", _DRAWDOWN_SHARE, palette),
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


def calibration_figure(buckets: Sequence[Bucket], palette: Palette) -> Figure:
    """
    Build hit rates over confidence with their 95 % intervals, and the line of honest confidence.

    Args:
        buckets: Those that hold a trade, at least one.
        palette: Colours by role.
    """
    rates = [bucket.hit_rate * 100.0 for bucket in buckets]
    diagonal: Trace = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 100],
        "y": [0, 100],
        "name": "confidence = hit rate",
        "line": {"color": palette.muted, "dash": "dot", "width": 1},
        "hoverinfo": "skip",
    }
    found: Trace = {
        "type": "scatter",
        "mode": "markers",
        "name": "hit rate, 95 % interval",
        "x": [round(bucket.mean_confidence, 2) for bucket in buckets],
        "y": [round(rate, 2) for rate in rates],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [
                (b.bounds.high or 1.0) * 100.0 - r for b, r in zip(buckets, rates, strict=True)
            ],
            "arrayminus": [r - b.bounds.low * 100.0 for b, r in zip(buckets, rates, strict=True)],
            "color": palette.first,
            "thickness": 1,
            "width": 4,
        },
        "marker": {
            "color": palette.first,
            "size": [_marker_px(bucket.count) for bucket in buckets],
            "line": {"width": 0},
        },
        "customdata": [
            [b.count, b.bounds.low * 100.0, (b.bounds.high or 1.0) * 100.0] for b in buckets
        ],
        "hovertemplate": "confidence %{x:.1f}<br>hit rate %{y:.1f} %<br>"
        "95 %: %{customdata[1]:.1f} to %{customdata[2]:.1f} %<br>"
        "%{customdata[0]:,} trades<extra></extra>",
    }
    traces = [diagonal, found]
    if any(bucket.probability is not None for bucket in buckets):
        traces.append(_probability(buckets, palette))
    whole = {"range": [0, 100], "constrain": "domain", "dtick": 20}
    layout = _layout(palette) | {
        "hovermode": "closest",
        "showlegend": True,
        "xaxis": _across(palette) | whole | {"title": _axis_title("Confidence", palette)},
        "yaxis": _up(palette) | whole | {"ticksuffix": " %"},
        "margin": {"l": 8, "r": 52, "t": 30, "b": 44},
    }
    return {"data": traces, "layout": layout}


def _probability(buckets: Sequence[Bucket], palette: Palette) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "calibrated probability",
        "x": [round(bucket.mean_confidence, 2) for bucket in buckets],
        "y": [None if b.probability is None else round(b.probability * 100.0, 2) for b in buckets],
        "line": {"color": palette.second, "width": 1.5, "shape": "hvh"},
        "hovertemplate": "probability %{y:.1f} %<extra></extra>",
    }


def multiples_figure(classes: Sequence[tuple[float, int]], palette: Palette) -> Figure:
    """
    Build how many trades brought how many R.

    Args:
        classes: Lower edge and count; the outermost hold what lies beyond too.
        palette: Colours by role.
    """
    last = len(classes) - 1
    words = [
        f"below {low + R_STEP:g} R" if i == 0 else f"{low:g} R and more" if i == last
        else f"{low:g} to {low + R_STEP:g} R"
        for i, (low, _) in enumerate(classes)
    ]  # fmt: skip
    bars: Trace = {
        "type": "bar",
        "x": [low + R_STEP / 2.0 for low, _ in classes],
        "y": [count for _, count in classes],
        "customdata": [word.replace("-", MINUS) for word in words],
        "marker": {"color": [palette.up if low >= 0.0 else palette.down for low, _ in classes]},
        "hovertemplate": "%{customdata}: %{y:,} trades<extra></extra>",
    }
    layout = _layout(palette) | {
        "bargap": 0.08,
        "xaxis": _across(palette)
        | {"title": _axis_title("Result in R", palette), "dtick": 1, "showgrid": False},
        "yaxis": _up(palette) | {"tickformat": ",d", "rangemode": "tozero"},
        "margin": {"l": 8, "r": 44, "t": 12, "b": 44},
    }
    return {"data": [bars], "layout": layout}


def days_figure(days: Sequence[Day], palette: Palette) -> Figure:
    """
    Build how many trades were closed on each UTC day, and how many of them earned money.

    Args:
        days: Those with a closed trade, oldest first; at least one.
        palette: Colours by role.
    """

    def bars(name: str, counts: list[int], look: dict[str, Any]) -> Trace:
        return {
            "type": "bar",
            "name": name,
            "x": [day.at_ms for day in days],
            "y": counts,
            "width": 0.7 * _DAY_MS,
            "customdata": [day.usd for day in days],
            "marker": look,
            "hovertemplate": "%{y:,} trades",
        }

    lost = {"color": palette.down, "pattern": _HATCHED | {"fgcolor": palette.panel}}
    traces = [
        bars("earned money", [day.won for day in days], {"color": palette.up}),
        bars("did not", [day.lost for day in days], lost),
        {
            "type": "scatter",
            "mode": "none",
            "name": "net P&L",
            "showlegend": False,
            "x": [day.at_ms for day in days],
            "y": [0 for _ in days],
            "customdata": [day.usd for day in days],
            "hovertemplate": "%{customdata:+,.2f} USD",
        },
    ]
    end_ms = days[-1].at_ms + _DAY_MS // 2
    begin_ms = min(days[0].at_ms - _DAY_MS // 2, end_ms - _LEAST_DAYS * _DAY_MS)
    layout = _layout(palette) | {
        "barmode": "stack",
        "hovermode": "x unified",
        "showlegend": True,
        "xaxis": _across(palette)
        | {"type": "date", "hoverformat": "%a %Y-%m-%d UTC", "range": [begin_ms, end_ms]}
        | {"showgrid": False},
        "yaxis": _up(palette) | {"tickformat": ",d", "rangemode": "tozero"},
        "margin": {"l": 8, "r": 44, "t": 30, "b": 28},
    }
    return {"data": traces, "layout": layout}


def _colour(source: Source, palette: Palette) -> str:
    return {
        Source.POLICY: palette.first,
        Source.RULES: palette.second,
        Source.RANDOM: palette.third,
        Source.HAND: palette.neutral,
    }[source]


def _marker_px(count: int) -> float:
    return float(np.clip(5.0 + 2.0 * np.log10(count), 5.0, 13.0))


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"


def _level(start: float, palette: Palette) -> list[dict[str, Any]]:
    line = {"color": palette.muted, "width": 1, "dash": "dot"}
    across = {"x0": 0, "x1": 1, "xref": "paper", "y0": start, "y1": start, "yref": "y"}
    return [{"type": "line", "layer": "below", "line": line, **across}]


def _title(text: str, y: float, palette: Palette) -> dict[str, Any]:
    font = {"size": 11, "color": palette.muted}
    place = {"x": 0, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top"}
    return {"text": text, "showarrow": False, "font": font, **place}


def _axis_title(text: str, palette: Palette) -> dict[str, Any]:
    return {"text": text, "font": {"size": 11, "color": palette.muted}, "standoff": 6}


def _across(palette: Palette) -> dict[str, Any]:
    return {
        "gridcolor": palette.grid,
        "linecolor": palette.line,
        "zeroline": False,
        "tickfont": {"color": palette.muted, "size": 11},
    }


def _up(palette: Palette) -> dict[str, Any]:
    return _across(palette) | {"side": "right"}


def _layout(palette: Palette) -> dict[str, Any]:
    return {
        "paper_bgcolor": palette.panel,
        "plot_bgcolor": palette.panel,
        "font": {"family": FONT, "size": 12, "color": palette.text},
        "margin": {"l": 8, "r": 62, "t": 30, "b": 28},
        "showlegend": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 11.5, "color": palette.text},
            "bgcolor": "rgba(0,0,0,0)",
        },
        "hoverlabel": {
            "bgcolor": palette.raised,
            "bordercolor": palette.line,
            "font": {"color": palette.text, "size": 12},
            "align": "left",
        },
        "separators": f".{THIN_SPACE}",
        "uirevision": "kept",
    }

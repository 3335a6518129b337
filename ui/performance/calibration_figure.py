"""Confidence beside what came of it, as Plotly's own JSON."""

from collections.abc import Sequence

import numpy as np

from core.signals.metrics import Bucket
from ui.figures.plotly_json import Figure, Trace
from ui.performance.chart_style import across, axis_title, plain_layout, upwards
from ui.theme import Palette


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
    layout = plain_layout(palette) | {
        "hovermode": "closest",
        "showlegend": True,
        "xaxis": across(palette) | whole | {"title": axis_title("Confidence", palette)},
        "yaxis": upwards(palette) | whole | {"ticksuffix": " %"},
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


def _marker_px(count: int) -> float:
    return float(np.clip(5.0 + 2.0 * np.log10(count), 5.0, 13.0))

"""Closed trades by result and by day, as Plotly's own JSON."""

from collections.abc import Sequence
from typing import Any, Final

from ui.figures.numbers import MINUS
from ui.figures.plotly_json import Figure, Trace
from ui.performance.breakdowns import R_STEP, Day
from ui.performance.chart_style import across, axis_title, counting, plain_layout, upwards
from ui.theme import Palette

_HATCHED: Final = {"shape": "/", "fillmode": "overlay", "size": 5, "solidity": 0.3}
_LEAST_DAYS = 14
_DAY_MS = 86_400_000


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
    layout = plain_layout(palette) | {
        "bargap": 0.08,
        "xaxis": across(palette)
        | {"title": axis_title("Result in R", palette), "dtick": 1, "showgrid": False},
        "yaxis": upwards(palette) | counting(max(count for _, count in classes)),
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
    layout = plain_layout(palette) | {
        "barmode": "stack",
        "hovermode": "x unified",
        "showlegend": True,
        "xaxis": across(palette)
        | {"type": "date", "hoverformat": "%a %Y-%m-%d UTC", "range": [begin_ms, end_ms]}
        | {"showgrid": False},
        "yaxis": upwards(palette) | counting(max(day.won + day.lost for day in days)),
        "margin": {"l": 8, "r": 44, "t": 30, "b": 40},
    }
    return {"data": traces, "layout": layout}

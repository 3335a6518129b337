"""The look that all charts of the page have in common."""

from typing import Any

from ui.figures.numbers import THIN_SPACE
from ui.theme import FONT, Palette


def axis_title(text: str, palette: Palette) -> dict[str, Any]:
    """Return the title of an axis that runs across."""
    return {"text": text, "font": {"size": 11, "color": palette.muted}, "standoff": 6}


def counting(most: int) -> dict[str, Any]:
    """Return an axis that counts: ticks at whole numbers only."""
    return {"tickformat": ",d", "rangemode": "tozero", "tick0": 0, "dtick": max(1, -(-most // 4))}


def across(palette: Palette) -> dict[str, Any]:
    """Return an axis that runs across."""
    return {
        "gridcolor": palette.grid,
        "linecolor": palette.line,
        "zeroline": False,
        "tickfont": {"color": palette.muted, "size": 11},
    }


def upwards(palette: Palette) -> dict[str, Any]:
    """Return an axis that runs upwards, told at the right."""
    return across(palette) | {"side": "right"}


def plain_layout(palette: Palette) -> dict[str, Any]:
    """Return what is around and behind the traces."""
    return {
        "paper_bgcolor": palette.panel,
        "plot_bgcolor": palette.panel,
        "font": {"family": FONT, "size": 12, "color": palette.text},
        "margin": {"l": 8, "r": 62, "t": 26, "b": 40},
        "showlegend": False,
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
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

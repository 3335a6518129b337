"""How the candle cache does."""

from typing import Any

from dash import html

from ui.cache_figures import CacheFigures, SeriesFigures
from ui.figures.numbers import UNKNOWN, number
from ui.panels.card import figures

_STEPS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def cache_panel(cache: CacheFigures) -> list[Any]:
    """Return the contents of the cache card."""
    rate = UNKNOWN if cache.hit_rate is None else f"{number(cache.hit_rate * 100, 1)} %"
    return [
        figures(
            [
                ("Hit rate", rate),
                ("Hits", number(cache.hits, 0)),
                ("Misses", number(cache.misses, 0)),
                ("Memory", f"{number(cache.memory_mb, 1)} MB"),
                ("Disk", f"{number(cache.disk_mb, 1)} MB"),
                ("Files", number(cache.files, 0)),
            ]
        ),
        _series_table(cache.series) if cache.series else _nothing(),
    ]


def age(seconds: float) -> str:
    """How long ago, in one unit."""
    size, unit = next(((s, u) for s, u in _STEPS if seconds >= s), (1.0, "s"))
    return f"{int(seconds // size)} {unit}"


def _series_table(series: tuple[SeriesFigures, ...]) -> html.Table:
    head = html.Tr([html.Th("Series"), html.Th("Bars"), html.Th("Age")])
    rows = [
        html.Tr([html.Td(row.name), html.Td(number(row.bars, 0)), html.Td(age(row.age_s))])
        for row in series
    ]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="series")


def _nothing() -> html.P:
    return html.P("No candles cached yet. They arrive with the feed.", className="empty")

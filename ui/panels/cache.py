"""How the candle cache does."""

from collections.abc import Sequence
from typing import Any

from dash import html

from ui.cache_figures import CacheFigures, SeriesFigures
from ui.figures.numbers import UNKNOWN, number
from ui.panels.card import figures

_STEPS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))
_PLACES = {"memory": "Memory", "parquet": "Parquet files", "rest": "Exchange (REST)"}


def cache_panel(cache: CacheFigures, symbol: str) -> list[Any]:
    """Return the contents of the cache card of a page that shows ``symbol``."""
    rate = UNKNOWN if cache.hit_rate is None else f"{number(cache.hit_rate * 100, 1)} %"
    pairs: list[tuple[str, Any]] = [
        ("Hit rate", rate),
        ("Memory", f"{number(cache.memory_mb, 1)} MB"),
        ("Disk", f"{number(cache.disk_mb, 1)} MB, {number(cache.files, 0)} files"),
        ("Absent bars", number(cache.gaps, 0)),
    ]
    if cache.quarantined:
        pairs.append(("Set aside, unreadable", f"{number(cache.quarantined, 0)} files"))
    alarm = [html.P(f"Not saved: {cache.alarm}", className="alarm")] if cache.alarm else []
    return [
        *alarm,
        figures(pairs),
        _tiers_table(cache),
        *_series_table(cache.of(symbol), symbol),
        *_rest(cache, symbol),
    ]


def age(seconds: float) -> str:
    """How long ago, in one unit."""
    size, unit = next(((s, u) for s, u in _STEPS if seconds >= s), (1.0, "s"))
    return f"{int(seconds // size)} {unit}"


def _tiers_table(cache: CacheFigures) -> html.Table:
    rows = [(_PLACES.get(name, name), hits, misses) for name, hits, misses in cache.tiers]
    return _table(
        ("Read from", "Hits", "Misses"),
        [(name, number(hits, 0), number(misses, 0)) for name, hits, misses in rows],
    )


def _series_table(series: tuple[SeriesFigures, ...], symbol: str) -> list[html.Table]:
    if not series:
        return []
    rows = [
        (row.interval.value, number(row.bars, 0), number(row.gaps, 0), age(row.age_s))
        for row in series
    ]
    return [_table((symbol, "Bars", "Absent", "Age"), rows)]


def _rest(cache: CacheFigures, symbol: str) -> list[html.P]:
    if not cache.series:
        text = "No candles cached yet. They arrive with the feed."
        return [html.P(text, className="empty")]
    others = {row.symbol for row in cache.series} - {symbol}
    if not others:
        return []
    bars = sum(row.bars for row in cache.series if row.symbol != symbol)
    plural = "" if len(others) == 1 else "s"
    text = f"{number(bars, 0)} bars of {number(len(others), 0)} other symbol{plural}"
    return [html.P(text, className="empty")]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> html.Table:
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(text) for text in head])),
            html.Tbody([html.Tr([html.Td(text) for text in row]) for row in rows]),
        ],
        className="series",
    )

"""Which axes the overlays of a chart have, and how its height is shared out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import MappingProxyType
from typing import Any

from core.model.overlay import Pane
from core.model.shapes import Ribbon
from ui.figures.drawn_overlay import DrawnOverlay
from ui.figures.fact_traces import ShownFact, fact_axis, follows
from ui.figures.plotly_json import lines
from ui.look import FactPane
from ui.theme import Palette

PRICE_AXIS = "y"
VOLUME_AXIS = "y2"
WHOLE_AXIS = "y3"
"""From 0 to 1 over the price pane, for what has no price."""
_FIRST_FREE = 4
_VOLUME_KIND = "volume"
_FIXED: Mapping[str, Any] = MappingProxyType({"side": "right", "anchor": "x", "fixedrange": True})
_NO_FACTS: Mapping[FactPane, ShownFact] = MappingProxyType({})

# Shares of the chart's height. Price keeps at least 55 %, however many panes are picked.
_GAP, _GAP_OF_WORDS = 0.018, 0.035
_MOST_BELOW = 0.45
_VOLUME_ALONE = 0.16
_VOLUME = 0.09
_OSCILLATOR = 0.14
_STRIP_ROW = 0.02
_LEGIBLE_ROW = 0.014
"""Under it the names of a strip's rows overlap; the legend names them too."""


@dataclass(frozen=True, slots=True)
class PaneAxes:
    """
    The value axes of one overlay, as traces name them.

    Attributes:
        own: Of lines that share no axis with the rest; equals ``main`` where there are none.
    """

    main: str
    own: str


@dataclass(frozen=True, slots=True)
class Panes:
    """
    Attributes:
        axes: By key of the overlay.
        layout: Plotly's value axes, by their name in a layout.
        lowest: The axis under which the time is written.
        follow: Axes whose range follows what is visible.
        below: Axes of the panes under the price, from the top, by what they show.
        facts: Those of what is told besides candles.
    """

    axes: Mapping[str, PaneAxes]
    layout: Mapping[str, Any]
    lowest: str
    follow: tuple[str, ...]
    below: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[FactPane, str] = field(default_factory=dict)

    def price_alone(self) -> "Panes":
        """Return only the price pane, over the whole height."""
        price = dict(self.layout[layout_name(PRICE_AXIS)]) | {"domain": [0.0, 1.0]}
        return Panes({}, {layout_name(PRICE_AXIS): price}, PRICE_AXIS, (PRICE_AXIS,))


def panes(
    overlays: Sequence[DrawnOverlay],
    facts: Mapping[FactPane, ShownFact] = _NO_FACTS,
    *,
    decimals: int,
    palette: Palette,
    is_log: bool = False,
) -> Panes:
    """Share out the chart: price above volume above oscillators above strips above facts."""
    below = [o for o in overlays if o.pane is Pane.OSCILLATOR]
    below += [o for o in overlays if o.pane is Pane.STRIP]
    shares = [*(_share(o) for o in below), *((_GAP_OF_WORDS, _OSCILLATOR) for _ in facts)]
    domains = _domains([(_GAP, _VOLUME if shares else _VOLUME_ALONE), *shares])
    style, fixed = _style(palette), dict(_FIXED)
    price: dict[str, Any] = {"domain": next(domains), "tickformat": f",.{decimals}f"}
    volume = {"domain": next(domains), "nticks": 3, "tickformat": "~s", "showgrid": False}
    layout: dict[str, Any] = {
        "yaxis": style | spike(palette) | fixed | price | ({"type": "log"} if is_log else {}),
        "yaxis2": style | fixed | volume,
        "yaxis3": fixed | {"overlaying": PRICE_AXIS, "range": [0.0, 1.0], "visible": False},
    }
    axes, follow = {}, [PRICE_AXIS, VOLUME_AXIS]
    numbers = count(_FIRST_FREE)
    for overlay in (*(o for o in overlays if o.pane is Pane.PRICE), *below):
        main = PRICE_AXIS
        if overlay.pane is not Pane.PRICE:
            main = f"y{next(numbers)}"
            layout[layout_name(main)] = fixed | _own(overlay, style, next(domains))
            follow += [main] if _range(overlay) is None else []
        own = main
        if overlay.has_own_scale:
            own = f"y{next(numbers)}"
            layout[layout_name(own)] = fixed | {"overlaying": main, "visible": False}
            if overlay.pane is Pane.STRIP and overlay.bounds is not None:
                layout[layout_name(own)]["range"] = list(overlay.bounds)
            else:
                follow.append(own)
        axes[overlay.key] = PaneAxes(main, own)
    told = {pane: f"y{next(numbers)}" for pane in facts}
    for pane, axis in told.items():
        own_look = {"domain": next(domains)} | fact_axis(facts[pane])
        layout[layout_name(axis)] = style | fixed | own_look
    follow += [axis for pane, axis in told.items() if follows(facts[pane])]
    kinds = {
        _VOLUME_KIND: VOLUME_AXIS,
        **{o.key: axes[o.key].main for o in below},
        **{pane.value: axis for pane, axis in told.items()},
    }
    return Panes(axes, layout, list(kinds.values())[-1], tuple(follow), kinds, told)


def layout_name(axis: str) -> str:
    """Return a layout's name of an axis that traces call ``y4``."""
    return axis.replace("y", "yaxis", 1)


def spike(palette: Palette) -> dict[str, Any]:
    """Return the fields of an axis under the pointer."""
    return {
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "cursor",
        "spikethickness": 1,
        "spikedash": "dot",
        "spikecolor": palette.muted,
    }


def _style(palette: Palette) -> dict[str, Any]:
    return {
        "gridcolor": palette.grid,
        "linecolor": palette.line,
        "zeroline": False,
        "zerolinecolor": palette.line,
        "tickfont": {"color": palette.muted, "size": 11},
        "ticklabeloverflow": "allow",  # else Plotly measures each label, with each draw
    }


def _share(overlay: DrawnOverlay) -> tuple[float, float]:
    """Return the gap above the pane of an overlay, and its height."""
    if overlay.pane is Pane.OSCILLATOR:
        return _GAP, _OSCILLATOR
    return _GAP_OF_WORDS, _STRIP_ROW * max(2, len(ribbons(overlay)))


def ribbons(overlay: DrawnOverlay) -> list[Ribbon]:
    """Return the ribbons of an overlay, in its order."""
    return [shape for shape in overlay.shapes if isinstance(shape, Ribbon)]


def _domains(wanted: Sequence[tuple[float, float]]) -> Iterator[list[float]]:
    """Yield price's domain, then those of the panes below it, from the top down."""
    gaps = sum(gap for gap, _ in wanted)
    shares = sum(share for _, share in wanted)
    scale = min(1.0, (_MOST_BELOW - gaps) / shares)
    bottom = shares * scale + gaps
    yield [bottom, 1.0]
    for gap, share in wanted:
        top = bottom - gap
        bottom = max(0.0, top - share * scale)
        yield [bottom, top]


def _range(overlay: DrawnOverlay) -> tuple[float, float] | None:
    if overlay.pane is Pane.STRIP:
        rows = len(ribbons(overlay))
        return (-0.5, rows - 0.5) if rows else overlay.bounds
    return overlay.bounds


def _own(overlay: DrawnOverlay, style: Mapping[str, Any], domain: list[float]) -> dict[str, Any]:
    """Return the axis of an overlay with a pane of its own."""
    own = dict(style) | {"domain": domain}
    if (extent := _range(overlay)) is not None:
        own["range"] = list(extent)
    if overlay.pane is Pane.STRIP:
        rows = ribbons(overlay)
        return own | {
            "showgrid": False,
            "tickmode": "array",
            "tickvals": list(range(len(rows))),
            "ticktext": [lines((row.name,)) for row in reversed(rows)],  # the first one on top
            "tickfont": style["tickfont"] | {"size": 9},
            "showticklabels": domain[1] - domain[0] >= _LEGIBLE_ROW * len(rows),
        }
    if overlay.guides:
        return own | {"tickmode": "array", "tickvals": list(overlay.guides)}
    return own | {"nticks": 3, "tickformat": "~s", "zeroline": True}

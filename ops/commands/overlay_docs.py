"""``python main.py overlay-docs``: docs/overlays.md, written by the overlays themselves."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from core.model.overlay import Overlay

_HEAD = """\
# Overlays

What each overlay draws, how it is computed, what it means and where it ends, and how long it takes
until its values no longer depend on where the candles begin.
The page is made from the overlays themselves: `python main.py overlay-docs > docs/overlays.md`;
a test fails where it says something else than they do.

All of them keep one contract, and `tests/core/overlays/test_every_overlay.py` holds each to it:

* **Nothing repaints.** What was said when a candle closed is never changed by a later one. An
  event says from where it is drawn and when it became known; only its end may come later.
* **Where the candles begin does not matter.** After the warm-up, a value in any window equals the
  one from full history.
* **The running candle has no say.** What it would add is drawn dashed, and never kept.

`python main.py overlays --input CANDLES.parquet --interval 1m` computes them for a file of candles
and prints JSON. There the warm-up also counts the candles from which bars of longer intervals are
folded, as they come from the same file. Of shorter intervals a file tells nothing: the alignment of
15m candles is that of 15m, 1h, 4h and 1d alone, and its score the mean over these four.
"""


def overlay_docs(overlays: "Iterable[Overlay[Any]]") -> str:
    """Return the whole page, in the order of the overlays."""
    ordered = list(overlays)
    contents = "".join(f"* [{o.title}](#{_anchor(o.title)}) `{o.key}`\n" for o in ordered)
    return "\n".join([_HEAD, contents, *(_section(overlay) for overlay in ordered)])


def overlay_docs_command() -> None:
    """Print docs/overlays.md."""
    from core.overlays import load_overlays  # noqa: PLC0415 - `--help` is quick

    typer.echo(overlay_docs(load_overlays().values()), nl=False)


def _section(overlay: "Overlay[Any]") -> str:
    return "\n".join(
        [
            f"## {overlay.title}",
            "",
            f"`{overlay.key}` · {overlay.pane.value} pane · group {overlay.group.value}",
            "",
            overlay.explanation,
            "",
            f"*Source:* {overlay.source}.".replace("..", "."),
            "",
            *_parameters(overlay),
            *_warm_up(overlay),
            "",
            _settles(overlay.settles_after),
            "",
            f"*Draws:* {'; '.join(_shapes(overlay))}.",
            "",
        ]
    )


def _parameters(overlay: "Overlay[Any]") -> Iterator[str]:
    from core.model.parameters import parameters  # noqa: PLC0415 - likewise

    declared = parameters(overlay.defaults)
    if not declared:
        yield from ("It has no parameters.", "")
        return
    yield "| parameter | default | from | to | unit | what |"
    yield "|---|---|---|---|---|---|"
    for p in declared:
        value = getattr(overlay.defaults, p.name)
        yield (
            f"| `{p.name}` | {value:g} | {p.low:g} | {p.high:g} | {p.unit or '–'} | {p.meaning} |"  # noqa: RUF001 - a dash
        )
    yield ""


def _warm_up(overlay: "Overlay[Any]") -> Iterator[str]:
    from core.model.intervals import Interval  # noqa: PLC0415 - likewise
    from ops.commands.overlay_json import warm_up_from_one_file  # noqa: PLC0415 - likewise

    names = [interval.value for interval in Interval]
    yield f"| warm-up, candles | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    own = [overlay.warm_up_candles(overlay.defaults, interval) for interval in Interval]
    yield f"| of the interval shown | {' | '.join(map(str, own))} |"
    if overlay.companions:
        whole = [warm_up_from_one_file(overlay, interval) for interval in Interval]
        yield f"| of a file alone | {' | '.join(map(str, whole))} |"
        bars = ", ".join(f"{n} × {i.value}" for i, n in overlay.companions.items())  # noqa: RUF001 - times
        yield ""
        yield f"Before the first candle shown it needs these closed bars: {bars}."


def _settles(candles: int) -> str:
    if candles == 0:
        return "*Settles:* at the close of each candle; never changed afterwards."
    return f"*Settles:* {candles} candles later; the newest values may change until then."


def _shapes(overlay: "Overlay[Any]") -> Iterator[str]:
    """Names of what it draws; found by drawing a short, quiet market."""
    from ops.commands.sample_view import sample_view  # noqa: PLC0415 - likewise

    for shape in overlay.compute(sample_view(), overlay.defaults):
        yield f"{type(shape).__name__.lower()} “{shape.name}”"


def _anchor(title: str) -> str:
    """The name GitHub gives to a heading."""
    kept = (c for c in title.lower() if c.isalnum() or c in " -_")
    return "".join(kept).replace(" ", "-")

"""``python main.py feature-docs``: docs/features.md, written by the features themselves."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from core.model.features import FeatureSpec

_HEAD = """\
# Features

The named numbers that each decision is made from, and that are stored with it.
The page is made from the features themselves: `python main.py feature-docs > docs/features.md`;
a test fails where it says something else than they do.

* **Of the newest closed candle.** The running candle has no say, no feature looks ahead, and
  engine, replay and tests run the same code.
* **Read from what is drawn.** Where an overlay draws it, the number is taken from there: chart and
  feature cannot disagree. "candles" are the columns of the candles, "heard live" is what was seen
  of trades and of the top of the book while the candle ran.
* **Missing by name, never 0.** What cannot be known (warm-up, nothing traded, nothing heard, an
  event too long ago, an overlay that failed) is listed as missing with the decision.
* **The same from everywhere.** A feature is a function of the fixed window that a decision looks
  at; in a longer one it is the same. What was heard live is the exception: a replay has none.

The unit ATR is the average true range of 14 candles, so that one number fits every market. A
direction is +1 for up and -1 for down, a flag is 0 or 1, a share is a fraction of 1.
"""


def feature_docs(specs: "Iterable[FeatureSpec]") -> str:
    """Return the whole page, in the order of the features."""
    listed = list(specs)
    parts = [_HEAD, f"There are {len(listed)}.\n"]
    parts += ["\n".join(_section(g, list(of))) for g, of in groupby(listed, attrgetter("group"))]
    return "\n".join(parts)


def feature_docs_command() -> None:
    """Print docs/features.md."""
    from core.signals.features import FEATURES  # noqa: PLC0415 - `--help` is quick

    typer.echo(feature_docs(FEATURES.values()), nl=False)


def _section(group: str, specs: "list[FeatureSpec]") -> Iterator[str]:
    yield f"## {group.capitalize()}"
    yield ""
    yield "| feature | unit | range | source | what |"
    yield "|---|---|---|---|---|"
    for spec in specs:
        bounds = _range(spec.low, spec.high)
        yield f"| `{spec.name}` | {spec.unit} | {bounds} | {spec.source} | {spec.meaning} |"
    yield ""


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "any"
    if high is None:
        return f"from {low:g}"
    return f"up to {high:g}" if low is None else f"{low:g} to {high:g}"

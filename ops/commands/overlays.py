"""``python main.py overlays``: what the overlays say of a file of candles, as JSON."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.data.candle_input import CandleInput
    from core.model.intervals import Interval
    from core.model.market_view import MarketView
    from core.model.overlay import Overlay

EXIT_FAILED = 1
EXIT_USAGE = 2
ALL = "all"
_OF_TAKERS = ("order_flow", "volume_profile")
_TAKERS = "taker_buy_volume"
# From about here on the answer takes seconds: a year of minutes.
_SLOW_CANDLES = 250_000


class _UsageError(Exception):
    """What was asked for cannot be; the message is one line."""


def overlays_command(
    source: Annotated[Path, typer.Option("--input", help="Parquet file, as in data/cache.")],
    interval: Annotated[str, typer.Option(help="Of its candles: 1m, 5m, 15m, 1h, 4h or 1d.")],
    keys: Annotated[
        str, typer.Option(help="Comma-separated, or `all`; default: the six of the chart.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Where to; default: standard output.")] = None,
) -> None:
    """Compute overlays of a file of candles and print them as JSON."""
    from core.data.candle_input import CandleInputError, read_candle_input  # noqa: PLC0415 - slow
    from core.overlays import load_overlays  # noqa: PLC0415 - likewise

    overlays = load_overlays()
    try:
        wanted = _wanted(keys, overlays)
        found = read_candle_input(source, _interval(interval))
    except (CandleInputError, _UsageError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_USAGE) from None
    document, failed = _computed(found, {key: overlays[key] for key in wanted})
    text = json.dumps(document, allow_nan=False, separators=(",", ":")) + "\n"
    try:
        _write(text, out)
    except BrokenPipeError:
        raise  # whoever read has gone: the command line ends in silence
    except OSError as error:
        typer.echo(f"{out or 'standard output'}: {error.strerror or error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    for key, reason in failed.items():
        typer.echo(f"{key} failed and is left out: {reason}", err=True)
    if failed:
        raise typer.Exit(EXIT_FAILED)


def _interval(text: str) -> "Interval":
    from core.model.intervals import Interval  # noqa: PLC0415 - `--help` is quick

    try:
        return Interval(text)
    except ValueError:
        raise _UsageError(f"no interval {text!r}; there are: {', '.join(Interval)}") from None


def _wanted(keys: str, known: "Mapping[str, Overlay[Any]]") -> Sequence[str]:
    from core.model.overlay import Group  # noqa: PLC0415 - `--help` is quick

    named = tuple(dict.fromkeys(key.strip() for key in keys.split(",") if key.strip()))
    if named == (ALL,):
        return tuple(known)
    unknown = [key for key in named if key not in known]
    if unknown:
        raise _UsageError(f"no overlay {', '.join(unknown)}; there are: {', '.join(known)}, {ALL}")
    return named or [key for key, overlay in known.items() if overlay.group is Group.MAIN]


def _computed(
    found: "CandleInput", overlays: "Mapping[str, Overlay[Any]]"
) -> tuple[dict[str, Any], dict[str, str]]:
    from core.overlay_runner import OverlayRunner  # noqa: PLC0415 - `--help` is quick
    from core.telemetry import Telemetry  # noqa: PLC0415 - likewise
    from ops.commands.overlay_json import overlay_document  # noqa: PLC0415 - likewise

    view = found.view()
    runner = OverlayRunner(overlays, Telemetry(sample_every=None, most_readings=0))
    is_told = len(view.candles) >= _SLOW_CANDLES and sys.stderr.isatty()
    document: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for key, overlay in overlays.items():
        if is_told:
            typer.echo(f"{key} of {len(view.candles)} candles ...", err=True)
        drawn = runner.run(view, (key,))
        failed |= drawn.failed
        for shapes in drawn.shapes.values():
            document[key] = overlay_document(overlay, shapes, view)
            if key in _OF_TAKERS and _TAKERS in found.absent:
                document[key]["shapes"].append(_note_on_takers(view))
            absent = [i for i in overlay.companions if len(view.at(i)) == 0]
            if absent:
                document[key]["shapes"].append(_note_on_intervals(view, absent))
    return document, failed


def _note_on_takers(view: "MarketView") -> dict[str, Any]:
    text = f"The file has no {_TAKERS}: who took is not known, and what depends on it is null."
    return {"kind": "note", "name": "Input", "text": text, "known_ms": view.known_ms}


def _note_on_intervals(view: "MarketView", absent: "Sequence[Interval]") -> dict[str, Any]:
    text = f"The file tells nothing of {', '.join(absent)}: what is said rests on the others alone."
    return {"kind": "note", "name": "Input", "text": text, "known_ms": view.known_ms}


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    if out.is_symlink() or (out.exists() and not out.is_file()):
        out.write_text(text)  # what stands there, such as /dev/null, must go on standing there
        return
    from core.data.atomic_file import replace_file  # noqa: PLC0415 - `--help` is quick

    replace_file(out, lambda file: file.write(text.encode()))

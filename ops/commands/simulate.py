"""``python main.py simulate``: the exchange simulator on a port of its own."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from core.config import Home
from ops.processes import Role, registered
from ops.until_stopped import run_until_stopped

DEFAULT_SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def simulate_command(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Loopback port; 0 picks one.")],
    speed: Annotated[float, typer.Option(min=0.01, max=10_000, help="Market s per s.")] = 1.0,
    symbols: Annotated[
        str, typer.Option(help="Comma-separated; a replay without them trades all it holds.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same market.")] = 7,
    replay: Annotated[Path | None, typer.Option(help="Parquet candles or a recording.")] = None,
    start_ms: Annotated[int | None, typer.Option(help="Market time at the start.")] = None,
    history_days: Annotated[int, typer.Option(min=1, help="Past of a replay.")] = 30,
    clock_file: Annotated[Path | None, typer.Option(help="Keeps market time.")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help='What goes wrong, as JSON: {"kind":"mute","seconds":5}. Repeatable.'),
    ] = None,
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
) -> None:
    """Run a Binance-compatible exchange simulator on loopback."""
    from core.simulator.errors import SimulatorError  # noqa: PLC0415 - `--help` is quick
    from core.simulator.faults.kinds import parse_fault  # noqa: PLC0415 - likewise
    from core.simulator.run import SimulatorOptions, simulate  # noqa: PLC0415 - likewise

    try:
        faults = tuple(parse_fault(text) for text in fault or ())
    except SimulatorError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from error
    named = tuple(symbol.strip() for symbol in symbols.split(",") if symbol.strip())
    options = SimulatorOptions(
        port=port,
        speed=speed,
        symbols=named or (() if replay else DEFAULT_SYMBOLS),
        seed=seed,
        replay=replay,
        start_ms=start_ms,
        history_days=history_days,
        clock_file=clock_file,
        faults=faults,
    )
    place = registered(Home.from_environment().run, Role.SIMULATOR, port)
    with place if supervised else nullcontext():
        run_until_stopped(simulate(options, on_ready=_announce))


def _announce(port: int) -> None:
    typer.echo(f"Simulator:  http://127.0.0.1:{port}  ws://127.0.0.1:{port}  (Ctrl-C ends it)")

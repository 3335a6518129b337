"""What ``python -m core.data.binance_stream`` does: print candles as they move."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol, TextIO

from core.config import ConfigError, Settings, load_settings
from core.data.binance_messages import kline_stream, mark_price_stream
from core.model.candles import CandleUpdate
from core.model.intervals import Interval

USAGE_STATUS = 2
USAGE = (
    "Usage: python -m core.data.binance_stream\n"
    "Prints the live 1m candles of the configured symbols until Ctrl-C."
)


class Stream(Protocol):
    """What delivers the events: a `BinanceStream`."""

    async def run(self, streams: list[str], sink: Callable[[object], None]) -> None:
        """Hand events to ``sink`` until cancelled."""


def line(update: CandleUpdate) -> str:
    """Return one update as text."""
    at = datetime.fromtimestamp(update.event_time_ms / 1000, UTC)
    state = "closed" if update.closed else "open"
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{update.symbol} {update.interval} {update.candle.close:.10g} {state} {stamp}"


def main(
    stream: Callable[[Settings], Stream],
    out: TextIO | None = None,
    arguments: Sequence[str] = (),
) -> int:
    """Print until interrupted; returns the exit status. There are no options but ``--help``."""
    if arguments:
        asked = set(arguments) <= {"-h", "--help"}
        (sys.stdout if asked else sys.stderr).write(f"{USAGE}\n")
        return 0 if asked else USAGE_STATUS
    try:
        settings = load_settings()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE_STATUS
    target = out or sys.stdout

    def show(event: object) -> None:
        if isinstance(event, CandleUpdate):
            target.write(line(event) + "\n")
            target.flush()

    # The mark price is the heartbeat: a quiet market has no candle updates for a while.
    streams = [kline_stream(symbol, Interval.M1) for symbol in settings.symbols]
    streams += [mark_price_stream(symbol) for symbol in settings.symbols]
    try:
        asyncio.run(stream(settings).run(streams, show))
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read has gone; without this the interpreter would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0

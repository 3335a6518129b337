"""Fetch the history of symbols into the cache: only what is missing, as politely as the feed."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

# Run as a file, Python looks in scripts/ only; the packages are one level up.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.config import ConfigError, Home, HomeError, Settings, load_settings
from core.data.backfill import PAGE_ROWS, Backfill
from core.data.binance_rest import BinanceRest
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.fill_lock import fill_lock
from core.data.fold import fold
from core.data.merge import picked
from core.data.pace import Pace
from core.data.symbol_names import nearest_symbols
from core.data.weight_budget import klines_weight
from core.data.write_back import HIGHER_CANDLES_KEPT
from core.model.gap import Gap
from core.model.intervals import Interval
from ops.launch import home_of_real_market

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
_PAGES_PER_FLUSH = 5


class UsageError(Exception):
    """What was asked for cannot be done; the message says what can."""


def main(
    symbol: Annotated[list[str], typer.Option(help="Perpetual, such as BTCUSDT; repeatable.")],
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back.")] = 30,
    interval: Annotated[list[Interval] | None, typer.Option(help="Repeatable; default 1m.")] = None,
) -> None:
    """Complete the candles of symbols. Ctrl-C keeps what was fetched; the next run goes on."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        settings, home = load_settings(), home_of_real_market()
        home.create()
        spans = [(each, _kept_days(settings, each, days)) for each in interval or [Interval.M1]]
        complete = asyncio.run(_run(settings, home, _named(symbol), spans))
    except (ConfigError, HomeError, UsageError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except (RestError, OSError) as error:
        typer.echo(f"{error}\nWhat was fetched is kept; run it again to go on.", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    if not complete:
        typer.echo("Interrupted; what was fetched is kept. Run it again to go on.", err=True)
        raise typer.Exit(EXIT_INTERRUPTED)


def _named(symbols: list[str]) -> list[str]:
    named = list(dict.fromkeys(name.strip().upper() for name in symbols))
    if "" in named:
        raise UsageError("--symbol: must name a perpetual, such as BTCUSDT")
    return named


def _kept_days(settings: Settings, interval: Interval, days: int) -> float:
    """Return how far back is worth asking for: what is beyond retention would be dropped."""
    kept = settings.data.history_days
    if interval is Interval.M1:
        if days > kept:
            raise UsageError(
                f"--days {days}: {kept} days are kept; raise data.history_days in config.yaml"
            )
        return days
    bars = max(settings.data.higher_candles, HIGHER_CANDLES_KEPT)
    return min(days, bars * interval.duration_ms / Interval.D1.duration_ms)


async def _run(
    settings: Settings, home: Home, symbols: list[str], spans: list[tuple[Interval, float]]
) -> bool:
    """Fill everything; False when it was interrupted."""
    working = asyncio.create_task(_fill_all(settings, home, symbols, spans))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        return False
    return True


async def _fill_all(
    settings: Settings, home: Home, symbols: list[str], spans: list[tuple[Interval, float]]
) -> None:
    store = DataStore(settings, home)
    async with BinanceRest(settings) as rest:
        await _check(rest, symbols)
        backfill, pace = Backfill(store, rest), Pace(settings.exchange.weight_per_minute)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TextColumn("bars"), TimeRemainingColumn()) as bar:
            for symbol in symbols:
                for interval, days in spans:
                    line = bar.add_task(f"{symbol} {interval}", total=None)

                    def tell(done: int, total: int, line: object = line) -> None:
                        bar.update(line, completed=done, total=total)  # type: ignore[arg-type]

                    try:
                        async with fill_lock(store, symbol, interval):
                            await fill(store, backfill, pace, (symbol, interval, days), tell)
                        if interval is Interval.M1:
                            await asyncio.to_thread(fold_up, store, symbol)
                    finally:
                        store.flush(everything=True)


async def _check(rest: BinanceRest, symbols: list[str]) -> None:
    known = (await rest.exchange_info()).instruments
    for symbol in symbols:
        if symbol not in known:
            near = ", ".join(nearest_symbols(symbol, known))
            hint = f"; did you mean {near}?" if near else ""
            raise UsageError(f"--symbol {symbol}: the exchange does not list it{hint}")


async def fill(
    store: DataStore,
    backfill: Backfill,
    pace: Pace,
    series: tuple[str, Interval, float],
    tell: Callable[[int, int], None],
) -> None:
    """
    Fetch what a series lacks, newest first.

    Args:
        store: Where it goes; saved now and then, so that a crash does not cost all of it.
        backfill: Who fetches it.
        pace: Leaves weight to what is in a hurry.
        series: Symbol, interval and how many days.
        tell: Told how many of the missing bars have been asked for, and of how many.
    """
    symbol, interval, days = series
    newest_ms = await backfill.newest_closed_ms(symbol, interval)
    if newest_ms is None:
        tell(0, 0)
        return
    step = interval.duration_ms
    bars = int(days * Interval.D1.duration_ms // step)
    times = store.open_times(symbol, interval)
    oldest_ms = int(times[0]) if times.size else newest_ms
    gaps = backfill.missing(symbol, interval, newest_ms - (bars - 1) * step, newest_ms)
    pages = [page for gap in reversed(gaps) for page in _newest_first(gap, interval)]
    total = sum(page.bars(interval) for page in pages)
    done = 0
    tell(done, total)
    for number, page in enumerate(pages, 1):
        found = await backfill.fetch(symbol, interval, page)
        done += page.bars(interval)
        tell(done, total)
        if not found and page.end_ms < oldest_ms:
            tell(total, total)  # not listed yet: there is nothing further back
            break
        if number % _PAGES_PER_FLUSH == 0:
            await asyncio.to_thread(store.flush, everything=True)
        if number < len(pages):
            await pace.spent(klines_weight(page.bars(interval)))


def fold_up(store: DataStore, symbol: str) -> None:
    """Make the higher candles that the minutes have in them, where there are none yet."""
    minutes = store.candles(symbol, Interval.M1)
    for interval in Interval:
        if interval is not Interval.M1:
            bars = fold(minutes, interval)
            known = store.open_times(symbol, interval)
            store.merge(picked(bars, ~np.isin(bars.open_time_ms, known)))


def _newest_first(gap: Gap, interval: Interval) -> list[Gap]:
    return list(gap.pages(interval, PAGE_ROWS))[::-1]


if __name__ == "__main__":
    typer.run(main)

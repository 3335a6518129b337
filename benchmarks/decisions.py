"""One closed candle to its features, one decision without a model, one write to the journal."""

import asyncio
import tempfile
from dataclasses import replace
from decimal import Decimal
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from time import perf_counter

import numpy as np
import yaml

from core.config import REPOSITORY, Home, parse_settings
from core.data.data_store import DataStore
from core.data.fold import fold
from core.data.market_views import MarketViews
from core.feature_runner import FeatureRunner
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.candles import CandleSeries
from core.model.instrument import Instrument
from core.model.intervals import MINUTE_MS, Interval
from core.model.market_view import MarketView
from core.overlay_runner import OverlayRunner
from core.overlays import companions, load_overlays, warm_up_candles
from core.signal_generator import Evaluation, SignalGenerator
from core.telemetry import Telemetry
from core.trading.account import Account

HISTORY = 1_500
# So much that the day has its eleven closed bars.
FILLED = 13 * 1_440
DECISIONS = 600
SYMBOLS = 10
BURSTS = 60
LOOK_EVERY_S = 0.25
FAR_MS = 1 << 52


def measure() -> dict[str, float]:
    """Evaluate bar after bar of a seeded market and record each evaluation."""
    settings = parse_settings(yaml.safe_load((REPOSITORY / "config.yaml").read_text()), {})
    generator = SignalGenerator(settings, overlays=load_overlays(), telemetry=Telemetry())
    market = walk(HISTORY + DECISIONS)
    decisions, writes = [], []
    with tempfile.TemporaryDirectory() as folder:
        url = database_url(Path(folder) / "journal.db")
        journal = Journal.open(url)
        # The page is a process of its own.
        processes = get_context("spawn")
        looks, ended = processes.Event(), processes.Event()
        looking = processes.Process(target=_look, args=(url, looks, ended))
        looking.start()
        if not looks.wait(60.0):
            raise RuntimeError("the reader did not begin")
        for n in range(HISTORY, HISTORY + DECISIONS):
            window = market.rows(n - HISTORY, n)
            started = perf_counter()
            evaluation = asyncio.run(_decide(generator, window))
            decisions.append(perf_counter() - started)
            started = perf_counter()
            journal.record_evaluation(
                evaluation.decision, signal=evaluation.signal, shadows=evaluation.shadows
            )
            writes.append(perf_counter() - started)
        ended.set()
        looking.join()
        journal.checkpoint_and_close()
    together = _together(generator, market)
    return {
        "candle_to_features_p95_ms": 1e3 * float(np.quantile(_features(), 0.95)),
        "decision_p95_ms": 1e3 * float(np.quantile(decisions, 0.95)),
        "ten_symbols_ms": 1e3 * float(np.quantile(together, 0.95)),
        "journal_write_p99_ms": 1e3 * float(np.quantile(writes, 0.99)),
    }


def _look(url: str, looks: Event, ended: Event) -> None:
    """Read more than a page reads, as often as it does, until the writing has ended."""
    reader = JournalReader.open(url)
    looks.set()
    while not ended.wait(LOOK_EVERY_S):
        reader.decisions("BTCUSDT", Interval.M1, 0, FAR_MS)
        reader.closed_trades()


def _together(generator: SignalGenerator, market: CandleSeries) -> list[float]:
    """Seconds from the first of ten symbols' bars to the last one's decision, bar after bar."""
    markets = [replace(market, symbol=f"S{n}USDT") for n in range(SYMBOLS)]

    async def all_of(first: int, last: int) -> None:
        await asyncio.gather(*(_decide(generator, each.rows(first, last)) for each in markets))

    seconds = []
    for n in range(HISTORY, HISTORY + BURSTS):
        started = perf_counter()
        asyncio.run(all_of(n - HISTORY, n))
        seconds.append(perf_counter() - started)
    return seconds


def _features() -> list[float]:
    """Seconds from a closed 1m candle in the store to the features, candle after candle."""
    settings = parse_settings(yaml.safe_load((REPOSITORY / "config.yaml").read_text()), {})
    overlays = load_overlays()
    telemetry = Telemetry()
    runner, features = OverlayRunner(overlays, telemetry), FeatureRunner(telemetry)
    rows = warm_up_candles(overlays.values(), Interval.M1) + 1
    wanted = companions(overlays.values())
    market = walk(FILLED + DECISIONS)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        store = DataStore(settings, home)
        store.merge(market.head(FILLED))
        for interval in Interval:
            store.merge(fold(market.head(FILLED), interval))  # as the engine has asked for them
        views = MarketViews(store)
        for candle in market.rows(FILLED, FILLED + DECISIONS):
            store.append("BTCUSDT", candle)
            started = perf_counter()
            view = views.closed(
                "BTCUSDT", Interval.M1, limit=rows, companions=wanted, companion_rows=1
            )
            features.run(view, runner.run(view).shapes)
            seconds.append(perf_counter() - started)
    return seconds


async def _decide(generator: SignalGenerator, window: CandleSeries) -> Evaluation:
    return await generator.evaluate(
        MarketView(window),
        closed_ms=int(window.open_time_ms[-1]) + MINUTE_MS + 300,
        accounts=lambda source: Account(10_000.0),
        instrument=Instrument(window.symbol, Decimal("0.01"), Decimal("0.001"), Decimal(5)),
        whole=True,
    )


def walk(n: int) -> CandleSeries:
    """Return a seeded market of contiguous 1m candles with taker flow."""
    random = np.random.default_rng(2)
    close = 60_000.0 * np.exp(np.cumsum(random.normal(0.0, 0.001, n)))
    opening = np.concatenate(([60_000.0], close[:-1]))
    volume = random.lognormal(3.0, 0.5, n)
    taker = volume * random.uniform(0.3, 0.7, n)
    return CandleSeries(
        "BTCUSDT",
        Interval.M1,
        np.arange(n, dtype=np.int64) * MINUTE_MS + 1_750_000_020_000,
        opening,
        np.maximum(opening, close) * 1.0004,
        np.minimum(opening, close) * 0.9996,
        close,
        volume,
        volume * close,
        random.integers(10, 900, n),
        taker,
        taker * close,
    )

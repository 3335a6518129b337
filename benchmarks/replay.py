"""Thirty days of 1m candles of one symbol through the live path, without a model."""

import asyncio
import tempfile
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.decisions import walk
from core.config import REPOSITORY, Home, load_settings
from core.data.data_store import DataStore
from core.data.fold import fold
from core.journal.database import Access, database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.overlays import load_overlays
from core.replay import Recording, Replay
from core.signal_generator import SignalGenerator
from core.telemetry import Telemetry

HISTORY = 13 * 1_440
MINUTES = 30 * 1_440


def measure() -> dict[str, float]:
    """Play a seeded market bar by bar: overlays, features, gate, broker, journal."""
    settings = load_settings(REPOSITORY / "config.yaml", {})
    market = walk(HISTORY + MINUTES)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        store = DataStore(settings, home)
        before = market.head(HISTORY)
        store.merge(before)
        for interval in Interval:
            store.merge(fold(before, interval))
        url = database_url(home.database)
        journal = Journal.open(url, access=Access.LIGHT)
        replay = Replay(
            settings,
            Recording(
                {"BTCUSDT": market.rows(HISTORY, HISTORY + MINUTES)},
                {"BTCUSDT": Instrument("BTCUSDT", Decimal("0.01"), Decimal("0.001"), Decimal(5))},
            ),
            store=store,
            generator=SignalGenerator(
                settings,
                overlays=load_overlays(),
                telemetry=Telemetry(),
                monotonic=lambda: 0.0,
            ),
            journal=journal,
            reader=JournalReader.open(url),
        )
        started = perf_counter()
        asyncio.run(replay.run())
        seconds = perf_counter() - started
        reader = JournalReader.open(url)
        trades = reader.closed_trades()
        decisions = reader.decisions(
            "BTCUSDT",
            settings.signals.interval,
            int(market.open_time_ms[HISTORY]),
            int(np.max(market.open_time_ms)) + 1,
        )
        print(f"  {len(decisions)} decisions, {len(trades)} closed trades")
    return {"replay_30d_s": seconds}

"""Trades and equity of several accounts, made up and written to a journal."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.config import Home
from core.journal.journal import Journal
from core.model.equity import EquityPoint
from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import ExitReason, Trade, TradeStatus
from tests.builders import START_MS
from tests.core.journal.empty_journal import ready

DAY_MS = 86_400_000
START_USD = 10_000.0


def trade(number: int, pnl: float = 50.0, **changes: Any) -> Trade:
    """A closed long of BTCUSDT that risked 50 USD, an hour after the one before."""
    decided_ms = START_MS + number * 3_600_000
    values: dict[str, Any] = {
        "id": number,
        "symbol": "BTCUSDT",
        "direction": Direction.LONG,
        "status": TradeStatus.CLOSED,
        "quantity": 0.1,
        "decided_ms": decided_ms,
        "stop": 99.0,
        "target": 102.0,
        "last_bar_ms": decided_ms,
        "confidence": 60.0,
        "entry_ms": decided_ms,
        "entry_price": 100.0,
        "exit_ms": decided_ms + 600_000,
        "exit_price": 101.0,
        "exit_reason": ExitReason.TARGET if pnl > 0 else ExitReason.STOP,
        "fees": 1.25,
        "pnl": pnl,
        "r_multiple": pnl / 50.0,
    }
    return Trade(**values | changes)


def written(home: Path, trades: Sequence[Trade], equity: Sequence[EquityPoint] = ()) -> Home:
    """Write them as the engine would; a home whose journal holds them."""
    found = Home(home)
    journal = Journal.open(ready(found.database))
    journal.save_trades(trades)
    journal.add_equity(equity)
    journal.checkpoint_and_close()
    return found


def months(count: int = 240, *, seed: int = 4) -> tuple[list[Trade], list[EquityPoint]]:
    """Three accounts over 60 days: ``count`` trades each, and a point of equity every hour."""
    rng = np.random.default_rng(seed)
    trades, points = [], []
    for at, source in enumerate((Source.POLICY, Source.RULES, Source.RANDOM)):
        edge = (0.12, 0.05, -0.05)[at]
        found = [_drawn(rng, at * 10_000 + i + 1, i, source, edge) for i in range(count)]
        trades += found
        points += _equity(rng, found, source)
    return trades, points


def _drawn(rng: np.random.Generator, number: int, i: int, source: Source, edge: float) -> Trade:
    confidence = float(rng.uniform(45, 95))
    won = rng.random() < 0.3 + confidence / 400 + edge
    r = float(rng.gamma(3.0, 0.6)) if won else -float(rng.uniform(0.6, 1.1))
    at_ms = START_MS + i * 6 * 3_600_000
    return trade(
        number,
        r * 50.0,
        source=source,
        symbol=("BTCUSDT", "ETHUSDT", "SOLUSDT")[int(rng.integers(3))],
        confidence=confidence,
        decided_ms=at_ms,
        entry_ms=at_ms,
        exit_ms=at_ms + int(rng.integers(1, 300)) * 60_000,
        exit_reason=ExitReason.TARGET if won else ExitReason.STOP,
        funding=float(rng.normal(0, 0.3)),
    )


def _equity(rng: np.random.Generator, trades: Sequence[Trade], source: Source) -> list[EquityPoint]:
    done = sorted((t.exit_ms or 0, t.pnl or 0.0) for t in trades)
    points, worth, at = [], START_USD, 0
    for hour in range(60 * 24):
        at_ms = START_MS + hour * 3_600_000
        while at < len(done) and done[at][0] <= at_ms:
            worth += done[at][1]
            at += 1
        open_pnl = float(rng.normal(0, 12))
        points.append(EquityPoint(at_ms, worth + open_pnl, worth, open_pnl, 0.4, source))
    return points

"""
A journal of ninety days of the default configuration, as large as a real one.

Three symbols at 15m. The shapes, words and lengths of decisions, prompts and readings are those
of a journal that an engine wrote; the numbers are random to the last digit, as features are.
"""

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from core.journal.database import database_url
from core.journal.journal import Journal
from core.model.intervals import Interval
from core.overlays import load_overlays
from core.signals.features import FEATURES
from deepseek.prompt import SYSTEM

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
DAYS = 90
BARS = DAYS * Interval.D1.duration_ms // Interval.M15.duration_ms
ASKED_SHARE = 0.3  # of the bars; an open position is asked about at each
WHOLE_CALL_DAYS, READING_DAYS = 30, 7
_VOTES = (
    *("supertrend", "moving_averages", "chandelier", "regime", "rsi", "macd", "structure"),
    *("channel", "taker_flow", "volume", "book", "liquidity", "timeframes", "volatility"),
    *("stretch", "costs"),
)
# What is missing hardly changes from bar to bar: books that are not heard, zones that are not near.
_MISSING = tuple(FEATURES)[::9]
_KNOWN = tuple(name for name in FEATURES if name not in _MISSING)
_WHOLE_NUMBERS = frozenset(
    name
    for name in _KNOWN
    if name.startswith("regime_") or name.endswith(("_candles", "_direction", "_turned", "_side"))
)
_INSERT = "INSERT INTO {} ({}) VALUES ({})"


def written(path: Path, start_ms: int, days: int = DAYS) -> Path:
    """Write the journal; the last ``days`` of the ninety, for tests that need less."""
    Journal.open(database_url(path)).checkpoint_and_close()
    rng = random.Random(90)  # noqa: S311 - the same each time
    bars = [
        (start_ms + n * Interval.M15.duration_ms, symbol)
        for n in range(BARS - BARS * days // DAYS, BARS)
        for symbol in SYMBOLS
    ]
    end_ms = start_ms + DAYS * Interval.D1.duration_ms
    with closing(sqlite3.connect(path)) as connection, connection:
        _fill(connection, "decisions", (_decision(rng, *bar) for bar in bars))
        whole_ms = end_ms - WHOLE_CALL_DAYS * Interval.D1.duration_ms
        asked = (bar for bar in bars if rng.random() < ASKED_SHARE)
        _fill(connection, "llm_calls", (_call(rng, *bar, whole_ms) for bar in asked))
        young_ms = end_ms - READING_DAYS * Interval.D1.duration_ms
        young = [bar for bar in bars if bar[0] >= young_ms]
        _fill(connection, "feature_telemetry", _readings(rng, young))
        _fill(connection, "equity", _equity(rng, bars))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return path


def _fill(connection: sqlite3.Connection, table: str, rows: Iterator[dict[str, object]]) -> None:
    first = next(rows, None)
    if first is None:
        return
    marks = ", ".join(f":{name}" for name in first)
    statement = _INSERT.format(table, ", ".join(first), marks)
    connection.execute(statement, first)
    connection.executemany(statement, rows)


def _features(rng: random.Random) -> dict[str, float]:
    return {
        name: float(rng.randrange(-40, 60)) if name in _WHOLE_NUMBERS else 12.0 * rng.random() - 6.0
        for name in _KNOWN
    }


def _vote(rng: random.Random, name: str) -> dict[str, object]:
    silent = rng.random() < 0.3
    number = "unknown" if silent else f"{rng.gauss(0, 3):+.2f} ATR"
    reason = f"close {number} from {name.replace('_', ' ')}, which moved in 5 candles"
    return {
        "name": name,
        "value": 0.0 if silent else rng.uniform(-1.0, 1.0),
        "weight": 0.08,
        "reason": reason,
        "layer": "trend",
    }


def _decision(rng: random.Random, open_ms: int, symbol: str) -> dict[str, object]:
    features, score = _features(rng), rng.uniform(-0.6, 0.6)
    closed_ms = open_ms + Interval.M15.duration_ms + rng.randrange(40, 400)
    return {
        "created_at": _text(closed_ms),
        "recorded_at": _text(closed_ms),
        "symbol": symbol,
        "interval": "15m",
        "open_time_ms": open_ms,
        "strategy": "c2f4977eb7e7",
        "outcome": "hold",
        "reason": f"score {score:+.2f}: close {rng.gauss(0, 4):+.2f} ATR from EMA 50",
        "closed_ms": closed_ms,
        "decided_ms": closed_ms + rng.randrange(3, 3000),
        "close": round(rng.uniform(100.0, 90_000.0), 1),
        "features": json.dumps(features),
        "missing": json.dumps(_MISSING),
        "votes": json.dumps([_vote(rng, name) for name in _VOTES]),
        "score": score,
        "rule_direction": "FLAT",
        "rule_strength": "HOLD",
        "rule_confidence": rng.uniform(0.0, 100.0),
        "analyst": "not_asked",
        "analyst_detail": f"score {score:+.2f} is below 0.40 and no position is open",
        "confidence": rng.uniform(0.0, 100.0),
        "shadows": '{"rules": "hold", "random": "hold"}',
    }


def _call(rng: random.Random, open_ms: int, symbol: str, whole_ms: int) -> dict[str, object]:
    facts = {name: float(f"{value:.5g}") for name, value in _features(rng).items()}
    user = json.dumps({"symbol": symbol, "interval": "15m", "features": facts})
    prompt = json.dumps([{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}])
    words = rng.choices(list(FEATURES), k=40)
    answer = json.dumps({"action": "HOLD", "confidence": 42, "reasoning": " ".join(words)})
    asked_ms = open_ms + Interval.M15.duration_ms + rng.randrange(40, 4000)
    whole = open_ms >= whole_ms
    return {
        "created_at": _text(asked_ms),
        "recorded_at": _text(asked_ms),
        "purpose": "decision",
        "symbol": symbol,
        "interval": "15m",
        "open_time_ms": open_ms,
        "asked_ms": asked_ms,
        "attempt": 1,
        "cached": 0,
        "verdict": "HOLD 42",
        "checks": json.dumps([{"feature": w, "told": 1.5, "known": 1.5} for w in words[:4]]),
        "prompt": prompt if whole else "",
        "prompt_sha256": hashlib.sha256(prompt.encode()).hexdigest(),
        "answer": answer if whole else "",
        "model": "deepseek-flash",
        "prompt_tokens": rng.randrange(2400, 2700),
        "cache_hit_tokens": 1280,
        "completion_tokens": rng.randrange(90, 260),
        "cost_usd": rng.uniform(0.0001, 0.0006),
        "latency_ms": rng.randrange(900, 6000),
    }


def _readings(rng: random.Random, bars: list[tuple[int, str]]) -> Iterator[dict[str, object]]:
    for open_ms, symbol in bars:
        at_ms = open_ms + Interval.M15.duration_ms
        for feature in load_overlays():
            yield {
                "created_at": _text(at_ms),
                "feature": feature,
                "symbol": symbol,
                "interval": "15m",
                "at_ms": at_ms,
                "latency_ms": rng.lognormvariate(0.0, 1.0),
                "peak_kb": rng.lognormvariate(3.0, 1.0),
                "rows": 500,
                "error": "",
            }


def _equity(rng: random.Random, bars: list[tuple[int, str]]) -> Iterator[dict[str, object]]:
    for at_ms in sorted({open_ms for open_ms, _ in bars}):
        for source in ("policy", "rules", "random"):
            balance = 10_000.0 + rng.gauss(0.0, 200.0)
            open_pnl = rng.gauss(0.0, 30.0)
            yield {
                "source": source,
                "at_ms": at_ms,
                "equity": balance + open_pnl,
                "balance": balance,
                "open_pnl": open_pnl,
                "exposure": rng.uniform(0.0, 9_000.0),
            }


def _text(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")

"""The same recording played again leaves the same rows, with and without a recorded analyst."""

import asyncio
import json
import sqlite3
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.config import REPOSITORY
from core.data.data_store import DataStore
from core.data.fold import fold
from core.heard_features import HEARD_LIVE
from core.journal.database import Access, database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.funding import Settlement
from core.model.intervals import MINUTE_MS, Interval
from core.model.signal import Direction
from core.model.source import Source
from core.model.verdict import Consultation
from core.overlays import load_overlays
from core.replay import Recording, Replay
from core.signal_generator import SignalGenerator
from core.signals.features import FEATURES
from core.signals.metrics import success_bounds, success_metrics
from core.telemetry import Telemetry
from deepseek.prompt import prompt_for, prompt_sha256
from deepseek.recorded import RecordedBrain
from tests.builders import START_MS, home, instrument, random_walk, settings
from tests.core.journal.empty_journal import ready
from tests.core.real_markets import needs_recordings, recorded

HISTORY, BARS, MORE = 480, 30, 50
FUNDING = REPOSITORY.parent / "shared" / "data" / "funding_mark"
REAL = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
DAY_MINUTES = Interval.D1.duration_ms // MINUTE_MS
HEARD = {name: spec for name, spec in FEATURES.items() if spec.source == HEARD_LIVE}


def configured(interval, **signals):
    base = settings()
    chosen = base.signals.model_copy(update={"interval": interval} | signals)
    return base.model_copy(update={"symbols": (), "signals": chosen})


class Played:
    """One replay in a home of its own, and what it left."""

    def __init__(self, path, config, recording, history, *, overlays, analyst=None, heard=None):
        self.settings = config
        self.home = home(path)
        url = database_url(self.home.database)
        store = DataStore(config, self.home)
        for series in history:
            for interval in Interval:
                store.merge(series if interval is Interval.M1 else fold(series, interval))
        # `recorded_at` is the one column that a clock of this machine writes.
        journal = Journal.open(ready(url), clock=lambda: 0.0, access=Access.LIGHT)
        self.reader = reader = JournalReader.open(url)
        replay = Replay(
            config,
            recording,
            store=store,
            generator=SignalGenerator(
                config,
                overlays=overlays,
                telemetry=Telemetry(monotonic=lambda: 0.0, sample_every=None),
                analyst=analyst,
                recorded=heard,
                monotonic=lambda: 0.0,
            ),
            journal=journal,
            reader=reader,
        )
        asyncio.run(replay.run())
        self.answers = reader.answers()
        self.metrics = {source: self._metrics(reader, source) for source in Source}

    def _metrics(self, reader, source):
        trades, curve = reader.closed_trades(source), reader.equity_curve(source=source)
        start = self.settings.paper.starting_equity_usd
        signals = reader.signal_count()
        return repr(
            (
                success_metrics(trades, curve, signals=signals, starting_equity=start),
                success_bounds(trades, curve, starting_equity=start),
            )
        )

    def rows(self, query):
        connection = sqlite3.connect(self.home.database)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def dump(self, *, without=()):
        """Every row of every table, as SQL."""
        connection = sqlite3.connect(self.home.database)
        try:
            for table in without:
                connection.execute(f"DELETE FROM {table}")
            return "\n".join(connection.iterdump()).encode()
        finally:
            connection.close()

    def heard(self, key):
        """What a bar was decided on with, as the journal has it."""
        (decision,) = self.reader.decisions(
            key.symbol, key.interval, key.open_time_ms, key.open_time_ms + 1
        )
        return decision.features


def walked(path, bars, *, analyst=None):
    """Two generated markets at 1m."""
    markets = [
        random_walk(HISTORY + BARS + MORE, seed=seed, symbol=symbol)
        for seed, symbol in ((8, "BTCUSDT"), (3, "ETHUSDT"))
    ]
    recording = Recording(
        minutes={m.symbol: m.rows(HISTORY, HISTORY + bars) for m in markets},
        instruments={m.symbol: instrument(m.symbol, tick="0.01") for m in markets},
        settlements={
            m.symbol: [
                Settlement(START_MS + (HISTORY + i) * MINUTE_MS, 1e-4) for i in range(15, 120, 15)
            ]
            for m in markets
        },
    )
    overlays = load_overlays()
    return Played(
        path,
        configured(Interval.M1, threshold=0.2),
        recording,
        [market.head(HISTORY) for market in markets],
        overlays={key: overlays[key] for key in ("supertrend", "market_regime")},
        analyst=analyst,
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return walked(tmp_path_factory.mktemp("played"), BARS + MORE)


def test_a_recording_played_twice_leaves_the_same_bytes(played, tmp_path):
    again = walked(tmp_path, BARS + MORE)
    assert again.dump() == played.dump()
    assert again.metrics == played.metrics
    ended = dict(played.rows("SELECT source, count(*) FROM trades WHERE pnl <> 0 GROUP BY 1"))
    assert ended.keys() == {"policy", "rules", "random"}
    assert played.rows("SELECT count(DISTINCT symbol) FROM trades") == [(2,)]
    assert played.rows("SELECT count(*) > 0 FROM trades WHERE funding <> 0") == [(1,)]


def test_a_decision_knows_nothing_of_the_bars_after_its_own(played, tmp_path):
    shorter = walked(tmp_path, BARS)
    of = f"FROM decisions WHERE open_time_ms < {START_MS + (HISTORY + BARS) * MINUTE_MS}"
    assert shorter.rows("SELECT * FROM decisions") == played.rows(f"SELECT * {of}")
    assert played.rows(f"SELECT count(*), count(signal_id) > 0 {of}") == [(2 * BARS, 1)]


def test_what_no_answer_is_recorded_to_is_not_traded(tmp_path):
    silent = walked(tmp_path, BARS, analyst=RecordedBrain({}))
    asked = "SELECT count(*) > 0, count(signal_id) FROM decisions WHERE analyst = 'not_recorded'"
    assert silent.rows(asked) == [(1, 0)]
    assert silent.rows("SELECT count(*) FROM llm_calls") == [(0,)]
    traded = {source for (source,) in silent.rows("SELECT source FROM trades")}
    assert traded == {"rules", "random"}, "shadow accounts ask nobody"


class ScriptedAnalyst:
    """Mostly agrees with the rules, at times does not, in words that the contract allows."""

    async def judge(self, facts):
        sha256 = prompt_sha256(prompt_for(facts))
        said = RecordedBrain({sha256: self._said(facts, int(sha256[:4], 16))})
        told = await said.judge(facts)
        calls = [replace(call, model="deepseek-flash", cached=False) for call in told.calls]
        return Consultation(told.verdict, tuple(calls))

    def _said(self, facts, chance):
        if chance % 11 == 0:
            return "prose"
        rules = facts.rules
        action = "HOLD" if rules.direction is Direction.FLAT or chance % 5 == 0 else "LONG"
        if action == "LONG" and rules.direction is Direction.SHORT:
            action = "SHORT"
        if facts.open_position is not None and chance % 7 == 0:
            action = "CLOSE"
        entering = action in {"LONG", "SHORT"}
        name, value = next(iter(facts.features.values.items()))
        return json.dumps(
            {
                "action": action,
                "confidence": 50 + chance % 40,
                "entry_price": facts.close if entering else None,
                "stop_loss": rules.stop if entering else None,
                "take_profit": rules.target if entering else None,
                "reasoning": "As the script says.",
                "invalidation": [],
                "evidence": [{"feature": name, "value": float(f"{value:.5g}")}],
            }
        )


def heard_once(key):
    """Stand in for what a feed would have heard when the bar closed."""
    chance = np.random.default_rng([REAL.index(key.symbol), key.open_time_ms])
    told = {}
    for name, spec in HEARD.items():
        low = -1.0 if spec.low is None else spec.low
        told[name] = chance.uniform(low, low + 1.0 if spec.high is None else spec.high)
    return told


@cache
def settlements(symbol):
    rate = pq.read_table(next(FUNDING.glob(f"{symbol}_funding_*"))).to_pydict()
    mark = pq.read_table(next(FUNDING.glob(f"{symbol}_mark8h_*"))).to_pydict()
    marks = dict(zip(mark["open_time"], mark["open"], strict=True))
    hour = Interval.H1.duration_ms
    return tuple(
        Settlement(at_ms, funding, marks.get(at_ms - at_ms % hour))
        for at_ms, funding in zip(rate["funding_time"], rate["funding_rate"], strict=True)
    )


class Month(NamedTuple):
    """What of the recorded fifty days is played; what comes before it is known at the start."""

    symbols: tuple[str, ...]
    interval: Interval
    history_days: int
    days: int = 30


# A bar is judged from 480 candles on: at 1h after twenty days. All overlays are settled after 13
# days of 15m.
BY_THE_HOUR = Month(("BTCUSDT", "ETHUSDT"), Interval.H1, history_days=20)
SIX_DAYS = BY_THE_HOUR._replace(days=6)
BY_THE_QUARTER = Month(REAL, Interval.M15, history_days=16)


def played_month(path, month, *, analyst, heard):
    """Play recorded minutes, all overlays drawn that are settled."""
    first, last = (d * DAY_MINUTES for d in (month.history_days, month.history_days + month.days))
    markets = [recorded(symbol, Interval.M1, last) for symbol in month.symbols]
    recording = Recording(
        minutes={m.symbol: m.rows(first, last) for m in markets},
        instruments={m.symbol: instrument(m.symbol, tick="0.01") for m in markets},
        settlements={symbol: settlements(symbol) for symbol in month.symbols},
    )
    return Played(
        path,
        configured(month.interval, threshold=0.3),
        recording,
        [market.head(first) for market in markets],
        overlays=load_overlays(),
        analyst=analyst,
        heard=heard,
    )


@pytest.mark.parametrize(
    "month",
    [
        pytest.param(SIX_DAYS, marks=pytest.mark.simulator, id="six days by the hour"),
        pytest.param(BY_THE_HOUR, marks=pytest.mark.soak, id="by the hour"),
        pytest.param(BY_THE_QUARTER, marks=pytest.mark.soak, id="by the quarter"),
    ],
)
@needs_recordings
def test_a_month_is_played_again_from_what_was_heard_and_answered_then(month, tmp_path):
    first = played_month(tmp_path / "first", month, analyst=ScriptedAnalyst(), heard=heard_once)
    answers = RecordedBrain(first.answers)
    again = played_month(tmp_path / "again", month, analyst=answers, heard=first.heard)
    bars = month.days * Interval.D1.duration_ms // month.interval.duration_ms
    assert first.rows("SELECT symbol, count(*) FROM decisions GROUP BY 1 ORDER BY 1") == [
        (symbol, bars) for symbol in month.symbols
    ]

    # Only who answered is another.
    assert again.dump(without=["llm_calls"]) == first.dump(without=["llm_calls"])
    calls = (
        "SELECT id, created_at, symbol, interval, open_time_ms, verdict, checks, prompt, "
        "prompt_sha256, answer FROM llm_calls ORDER BY id"
    )
    assert again.rows(calls) == first.rows(calls)
    assert again.metrics == first.metrics

    verdicts = {verdict.split()[0] for (verdict,) in first.rows("SELECT verdict FROM llm_calls")}
    assert verdicts >= {"HOLD", "not_json"}
    assert verdicts & {"LONG", "SHORT"}
    assert first.rows(
        "SELECT count(*) > 0 FROM trades WHERE source = 'policy' AND status = 'closed'"
    ) == [(1,)]
    assert first.rows("SELECT count(*) > 0 FROM trades WHERE funding <> 0") == [(1,)]
    known = json.loads(first.rows("SELECT features FROM decisions LIMIT 1")[0][0])
    assert known.keys() >= HEARD.keys()

    # The month's first days without what came after them.
    part = month._replace(days=max(month.days // 5, 2))
    before = played_month(tmp_path / "part", part, analyst=answers, heard=first.heard)
    for table in ("decisions", "signals"):
        rows = before.rows(f"SELECT * FROM {table} ORDER BY id")
        assert rows == first.rows(f"SELECT * FROM {table} ORDER BY id LIMIT {len(rows)}")
        assert rows

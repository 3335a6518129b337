"""What the engine gives to look at when a bar closes, and what it remembers of the market."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.data.errors import RestError
from core.data.market_events import AggTrade
from core.data.orderflow.order_flow import OrderFlow
from core.model.intervals import MINUTE_MS, Interval
from core.model.regime import Regime
from core.model.shapes import Line, Ribbon, RibbonState, Tone
from core.overlays import load_overlays
from tests.builders import START_MS
from tests.core.test_engine import HISTORY, ScriptedFeed, Stage

SUPERTREND = load_overlays()["supertrend"]
ALIGNMENT = load_overlays()["timeframe_alignment"]
UP_AND_DOWN = tuple(RibbonState(r.value, r.value, Tone.QUIET) for r in Regime)


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


class Noting:
    """An overlay that draws what another does and keeps the views it was given."""

    def __init__(self, overlay):
        self.views = []
        self._compute = overlay.compute
        self.overlays = {overlay.key: replace(overlay, compute=self.compute)}

    def compute(self, view, params):
        self.views.append(view)
        return self._compute(view, params)


def regime_by_price(price):
    """Trend up above a price, else quiet; unknown for each seventh bar."""

    def compute(view, params):
        close = view.candles.close
        code = np.where(close > price, 0, list(Regime).index(Regime.QUIET)).astype(np.int8)
        code[view.candles.open_time_ms // MINUTE_MS % 7 == 0] = -1
        return (Line("price", close.copy()), Ribbon("Regime", code, UP_AND_DOWN))

    return {"market_regime": replace(SUPERTREND, compute=compute)}


def test_a_bar_is_judged_with_bars_of_other_intervals_that_had_closed_by_then(stage):
    noting = Noting(ALIGNMENT)
    stage.overlays = noting.overlays | {"supertrend": SUPERTREND}
    stage.play(HISTORY, HISTORY + 20)
    assert len(noting.views) >= 20
    for view in noting.views:
        assert len(view.candles) == 480
        for interval in (Interval.M5, Interval.M15):
            newest_ms = int(view.at(interval).open_time_ms[-1])
            assert newest_ms == interval.open_time_ms(view.known_ms + 1) - interval.duration_ms
            assert len(view.at(interval)) >= 11
        score = ALIGNMENT.compute(view, ALIGNMENT.defaults)[-1].y
        assert np.isnan(score[-1])  # nobody knows eleven days of this market


def test_no_bar_waits_for_the_history_of_other_intervals(stage):
    asked = []

    class Silent(ScriptedFeed):
        async def ensure(self, symbol, interval, candles=None):
            asked.append(interval)
            if interval is not Interval.M1:
                await asyncio.Event().wait()

    stage.feed = Silent
    stage.overlays = {"timeframe_alignment": ALIGNMENT}
    stage.play(HISTORY, HISTORY + 10)
    assert stage.rows("SELECT count(*) FROM decisions WHERE outcome != 'stale'") == [(10,)]
    assert [i for i in asked if i is not Interval.M1] == [Interval.M5]


def test_an_exchange_that_refuses_other_intervals_is_complained_of_once_each(stage, caplog):
    class Refusing(ScriptedFeed):
        async def ensure(self, symbol, interval, candles=None):
            if interval is not Interval.M1:
                raise RestError(f"klines {interval}: unreachable")

    stage.feed = Refusing
    stage.overlays = {"timeframe_alignment": ALIGNMENT}
    stage.play(HISTORY, HISTORY + 10)
    assert stage.rows("SELECT count(*) FROM decisions WHERE outcome != 'stale'") == [(10,)]
    assert len([r for r in caplog.records if r.name == "core.companion_history"]) == 5


def test_trades_that_were_heard_are_in_the_view(stage):
    class Nowhere:
        async def depth(self, symbol, limit):
            raise RestError("no order book here")

    class Hearing(ScriptedFeed):
        def __init__(self, store, script, symbol):
            super().__init__(store, script, symbol)
            self.order_flow = OrderFlow(Nowhere())

        async def run(self):
            self.order_flow.follow([self.symbol])
            for number, (bar, *_) in enumerate(self._script):
                at_ms = bar.open_time_ms + 1
                trade = AggTrade(self.symbol, number + 1, bar.close, 1.0, 1, True, at_ms, at_ms)
                self.order_flow.take(trade)
            await super().run()

    noting = Noting(SUPERTREND)
    stage.feed, stage.overlays = Hearing, noting.overlays
    stage.play(HISTORY, HISTORY + 5)
    first, *_, last = sorted(noting.views, key=lambda view: view.known_ms)
    assert len(first.known_flow()) == len(first.known_footprints()) == 1
    assert len(last.known_flow()) == len(last.known_footprints()) == 5


def test_the_regime_of_a_market_is_kept_as_it_changes_and_stands_after_a_restart(stage):
    bars = stage.market.rows(HISTORY, HISTORY + 80)
    price = float(np.median(bars.close))
    told = [
        (bar.open_time_ms, "trend_up" if bar.close > price else "quiet")
        for bar in bars
        if bar.open_time_ms // MINUTE_MS % 7
    ]
    changes = [now for before, now in pairwise([(0, ""), *told]) if now[1] != before[1]]
    assert len(changes) > 2
    stage.overlays = regime_by_price(price)
    stage.play(HISTORY, HISTORY + 40)
    stage.play(HISTORY + 40, HISTORY + 80)
    assert stage.rows("SELECT open_time_ms, regime FROM regimes ORDER BY 1") == changes
    stage.overlays = {"supertrend": SUPERTREND}  # nobody can tell the regime from now on
    stage.play(HISTORY + 80, HISTORY + 82)
    assert stage.report().regimes == {"BTCUSDT": changes[-1][1]}


class Holed(ScriptedFeed):
    """A feed whose store lacks one bar; ``missing`` counts from the first announced one."""

    missing = 0

    async def run(self):
        keep, hole_ms = self._store.candles, START_MS + (HISTORY - self.missing) * MINUTE_MS

        def without(symbol, interval, **bounds):
            found = keep(symbol, interval, **bounds)
            rows = [candle for candle in found if candle.open_time_ms != hole_ms]
            return type(found).from_candles(symbol, interval, rows)

        self._store.candles = without
        await super().run()


def test_a_hole_far_back_makes_a_market_young_again_and_does_not_silence_it(stage):
    noting = Noting(SUPERTREND)
    far = replace(SUPERTREND, key="far", warm_up_candles=lambda params, interval: 490)
    stage.overlays = noting.overlays | {"far": far}
    stage.feed = type("HoledNear", (Holed,), {"missing": 478})
    stage.play(HISTORY, HISTORY + 4)
    outcomes = stage.rows("SELECT outcome FROM decisions ORDER BY open_time_ms")
    assert [outcome for (outcome,) in outcomes[:2]] == ["stale", "stale"]
    assert "stale" not in {outcome for (outcome,) in outcomes[2:]}
    lengths = sorted({len(view.candles) for view in noting.views})  # one was measured twice
    assert lengths == [480, 481]

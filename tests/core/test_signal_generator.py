import asyncio
import functools
import json
import logging
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core.config import Policy, Settings
from core.data.fold import fold
from core.model.candles import CandleSeries
from core.model.features import FeatureGroup
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.regime import Regime
from core.model.shapes import Line, Ribbon, RibbonState, Tone
from core.model.signal import Direction, Outcome
from core.model.source import Source
from core.model.verdict import (
    Abstention,
    AbstentionReason,
    Action,
    Consultation,
    LlmCall,
    View,
)
from core.overlays import load_overlays
from core.signal_generator import SignalGenerator
from core.signals.features import FEATURES
from core.telemetry import Telemetry
from core.trading.account import Account, Halt
from tests import builders
from tests.builders import random_walk, settings
from tests.core.real_markets import needs_recordings, recorded

M15 = Interval.M15
INSTRUMENT = builders.instrument(tick="0.0001")
SUPERTREND = load_overlays()["supertrend"]
CALL = LlmCall("[]", "0" * 64, "{}", "deepseek-flash", 1, 0, 1, 0.0, 900)
FEED_LAG_MS = 40


class FakeClock:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


class FakeAnalyst:
    """Answers every question the same way, after some time on the clock."""

    def __init__(self, verdict, clock=None, takes_s=0.0):
        self.asked = []
        self._verdict = verdict
        self._clock = clock
        self._takes_s = takes_s

    async def judge(self, facts):
        self.asked.append(facts)
        if self._clock is not None:
            self._clock.now_s += self._takes_s
        return Consultation(self._verdict, (CALL,))


class FakeAccount:
    """Plays one account per question, the last one for good."""

    def __init__(self, *accounts):
        self._accounts = list(accounts)

    def __call__(self, source):
        if source is not Source.POLICY:
            return account()
        return self._accounts.pop(0) if len(self._accounts) > 1 else self._accounts[0]


def account(**changes):
    return replace(Account(10_000.0), **changes)


def configured(**signals) -> Settings:
    """The Supertrend alone is drawn in most of these tests: it cannot reach the usual score."""
    chosen = {"threshold": 0.2} | signals
    base = settings()
    return base.model_copy(update={"signals": base.signals.model_copy(update=chosen)})


def generator(*, analyst=None, clock=None, overlays=None, config=None):
    return SignalGenerator(
        config or configured(),
        overlays={"supertrend": SUPERTREND} if overlays is None else overlays,
        telemetry=Telemetry(monotonic=clock or FakeClock()),
        analyst=analyst,
        monotonic=clock or FakeClock(),
    )


def evaluate(
    made,
    seen,
    *,
    accounts=None,
    instrument=INSTRUMENT,
    whole=True,
    closed_ms=None,
    now_ms=lambda: None,
):
    view = seen if isinstance(seen, MarketView) else MarketView(seen)
    market = view.candles
    if closed_ms is None and len(market):
        end_ms = market.interval.close_time_ms(int(market.open_time_ms[-1])) + 1
        closed_ms = end_ms + FEED_LAG_MS
    return asyncio.run(
        made.evaluate(
            view,
            closed_ms=closed_ms,
            accounts=accounts or FakeAccount(account()),
            now_ms=now_ms,
            instrument=instrument,
            whole=whole,
        )
    )


@cache
def market_that(outcome, direction=None):
    """A prefix of a generated market whose last candle the rules alone judge so."""
    market = random_walk(4000, seed=3, interval=Interval.M15)
    made = generator(config=configured(policy=Policy.RULES))
    for n in range(600, len(market)):
        found = evaluate(made, market.head(n))
        right = direction is None or found.decision.rules.direction is direction
        if found.decision.outcome is outcome and right:
            return market.head(n)
    raise AssertionError(f"no {outcome} in the generated market")


@pytest.fixture(scope="module")
def rising():
    return market_that(Outcome.SIGNAL, Direction.LONG)


def test_a_confirmed_flip_becomes_a_signal_with_levels_size_and_reasons(rising):
    evaluation = evaluate(generator(), rising)
    signal, decision = evaluation.signal, evaluation.decision
    assert decision.outcome is Outcome.SIGNAL
    assert decision.analyst == "no_key"
    assert signal.key == decision.key
    assert signal.key.open_time_ms == rising.open_time_ms[-1]
    assert signal.stop < signal.reference_price == decision.close < signal.target
    assert signal.quantity * abs(signal.reference_price - signal.stop) <= 100.0
    assert any("Supertrend turned up" in reason for reason in signal.reasons)
    assert decision.features["supertrend_age_candles"] == 0.0


def test_a_falling_market_becomes_a_short():
    signal = evaluate(generator(), market_that(Outcome.SIGNAL, Direction.SHORT)).signal
    assert signal.direction is Direction.SHORT
    assert signal.target < signal.reference_price < signal.stop


def test_without_a_flip_nothing_is_proposed_and_nobody_is_asked():
    analyst = FakeAnalyst(View(Action.LONG, 99.0, None, None, None, "always"))
    evaluation = evaluate(generator(analyst=analyst), market_that(Outcome.HOLD))
    assert evaluation.decision.outcome is Outcome.HOLD
    assert evaluation.signal is None
    assert f"{evaluation.decision.rules.score:+.2f}" in evaluation.decision.reason
    assert analyst.asked == []


def test_the_decision_comes_after_the_close_by_the_latency_that_was_measured(rising):
    clock = FakeClock()
    analyst = FakeAnalyst(View(Action.LONG, 60.0, None, None, None, "yes"), clock, 1.2341)
    evaluation = evaluate(generator(analyst=analyst, clock=clock), rising)
    assert evaluation.decision.decided_ms == evaluation.decision.closed_ms + 1235
    assert evaluation.signal.decided_ms == evaluation.decision.decided_ms
    assert evaluation.calls == (CALL,)


def test_no_decision_is_made_in_the_millisecond_the_bar_ends(rising):
    end_ms = rising.interval.close_time_ms(int(rising.open_time_ms[-1])) + 1
    early = evaluate(generator(), rising, closed_ms=end_ms - 1)
    assert early.decision.decided_ms == end_ms + 1


def test_an_analyst_sees_the_facts_and_its_agreement_counts(rising):
    analyst = FakeAnalyst(View(Action.LONG, 50.0, None, None, None, "yes"))
    evaluation = evaluate(generator(analyst=analyst), rising)
    (facts,) = analyst.asked
    assert facts.close == evaluation.decision.close
    assert facts.rules == evaluation.decision.rules
    assert dict(facts.features.values) == dict(evaluation.decision.features)
    assert evaluation.decision.analyst == "LONG 50"
    assert evaluation.signal.confidence == (evaluation.decision.rules.confidence + 50.0) / 2.0


@pytest.mark.parametrize("action", [Action.SHORT, Action.HOLD, Action.CLOSE])
def test_an_analyst_that_disagrees_is_a_veto_on_record(rising, action):
    analyst = FakeAnalyst(View(action, 50.0, None, None, None, "no"))
    evaluation = evaluate(generator(analyst=analyst), rising)
    assert evaluation.decision.outcome is Outcome.VETOED
    assert evaluation.decision.rules.direction is Direction.LONG
    assert evaluation.signal is None
    assert evaluation.calls == (CALL,)


def test_an_analyst_that_fails_to_answer_is_a_refusal_with_its_reason(rising):
    analyst = FakeAnalyst(Abstention(AbstentionReason.TIMEOUT))
    evaluation = evaluate(generator(analyst=analyst), rising)
    assert evaluation.decision.outcome is Outcome.REFUSED
    assert evaluation.decision.analyst == "timeout"
    assert "timeout" in evaluation.decision.reason
    assert evaluation.signal is None


def test_the_rules_policy_asks_nobody(rising):
    analyst = FakeAnalyst(View(Action.SHORT, 99.0, None, None, None, "no"))
    made = generator(analyst=analyst, config=configured(policy=Policy.RULES))
    evaluation = evaluate(made, rising)
    assert evaluation.decision.outcome is Outcome.SIGNAL
    assert evaluation.decision.analyst == "not_asked"
    assert analyst.asked == []


def test_a_trade_that_would_be_refused_anyway_costs_no_question(rising):
    analyst = FakeAnalyst(View(Action.LONG, 99.0, None, None, None, "yes"))
    busy = FakeAccount(account(halts=(Halt("daily_loss", "3 % lost"),)))
    evaluation = evaluate(generator(analyst=analyst), rising, accounts=busy)
    assert evaluation.decision.outcome is Outcome.REFUSED
    assert evaluation.decision.reason.startswith("daily_loss")
    assert analyst.asked == []


def test_what_happened_while_the_analyst_thought_can_still_refuse_the_trade(rising):
    analyst = FakeAnalyst(View(Action.LONG, 99.0, None, None, None, "yes"))
    accounts = FakeAccount(account(signals_last_hour=4), account(signals_last_hour=5))
    evaluation = evaluate(generator(analyst=analyst), rising, accounts=accounts)
    assert evaluation.decision.outcome is Outcome.REFUSED
    assert evaluation.decision.reason.startswith("max_per_hour")
    assert evaluation.calls == (CALL,)
    assert evaluation.signal is None


def test_data_that_is_not_whole_is_never_decided_on(rising):
    evaluation = evaluate(generator(), rising, whole=False)
    assert evaluation.decision.outcome is Outcome.STALE
    assert evaluation.decision.features is None
    assert evaluation.readings == ()


def test_a_hole_inside_the_window_is_stale_and_one_before_it_is_not(rising):
    def without(i):
        rows = [row for n, row in enumerate(rising) if n != i % len(rising)]
        return CandleSeries.from_candles(rising.symbol, rising.interval, rows)

    assert evaluate(generator(), without(-300)).decision.outcome is Outcome.STALE
    assert evaluate(generator(), without(2)).decision.outcome is Outcome.SIGNAL


def test_too_few_candles_are_not_ready(rising):
    evaluation = evaluate(generator(), rising.tail(479))
    assert evaluation.decision.outcome is Outcome.NOT_READY
    assert evaluation.decision.close == rising.close[-1]
    assert evaluate(generator(), rising.tail(480)).decision.outcome is Outcome.SIGNAL


def test_a_young_market_is_decided_on_without_what_its_candles_do_not_settle(rising):
    overlays = load_overlays()
    made = generator(overlays=overlays)
    young = evaluate(made, rising.tail(480))
    assert young.decision.outcome is not Outcome.NOT_READY
    drawn = {reading.feature for reading in young.readings} & set(overlays)
    assert drawn == {k for k, o in overlays.items() if o.warm_up_candles(o.defaults, M15) < 480}
    sources = {FEATURES[name].source for name in young.decision.features}
    assert sources <= drawn | {"atr", "ema", "candles"}
    assert {"structure_direction", "rsi_14", "ema_200_distance_atr"} <= set(young.decision.missing)
    assert "ema_50_distance_atr" in young.decision.features


def test_what_is_told_of_a_young_market_is_what_is_told_with_all_of_its_history():
    made = generator(overlays=load_overlays())
    market = random_walk(4000, seed=3, interval=M15)
    everything = evaluate(made, market).decision.features
    for candles in (480, 744, 1131, 1440):
        young = evaluate(made, market.tail(candles)).decision.features
        assert set(young) <= set(everything)
        for name, value in young.items():
            assert value == pytest.approx(everything[name], rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("candles", [1442, 2000, 2500])
def test_an_old_market_is_decided_on_alike_however_long_its_history(candles):
    market = random_walk(4000, seed=3, interval=M15)
    made = generator(overlays=load_overlays())
    assert (
        evaluate(made, market.tail(candles)).decision == evaluate(made, market.tail(1441)).decision
    )


def test_without_candles_the_row_names_the_bar_that_closed():
    empty = CandleSeries.empty("BTCUSDT", Interval.M15)
    closed_ms = 100 * Interval.M15.duration_ms + 7
    evaluation = evaluate(generator(), empty, closed_ms=closed_ms)
    assert evaluation.decision.outcome is Outcome.NOT_READY
    assert evaluation.decision.key.open_time_ms == 99 * Interval.M15.duration_ms
    assert evaluation.decision.close is None


def test_a_missing_newest_candle_is_stale_and_does_not_repeat_the_older_bar(rising):
    next_ms = int(rising.open_time_ms[-1]) + rising.interval.duration_ms
    closed_ms = next_ms + rising.interval.duration_ms
    evaluation = evaluate(generator(), rising, closed_ms=closed_ms)
    assert evaluation.decision.outcome is Outcome.STALE
    assert evaluation.decision.key.open_time_ms == next_ms
    assert evaluation.decision.close is None


def unmeasured(evaluation):
    """An evaluation without the peak memory, which is a measurement of this machine."""
    readings = tuple(replace(reading, peak_kb=None) for reading in evaluation.readings)
    return replace(evaluation, readings=readings)


def test_the_same_inputs_give_an_equal_evaluation(rising):
    first, second = (unmeasured(evaluate(generator(), rising)) for _ in range(2))
    assert first == second


def test_where_the_history_begins_does_not_matter(rising):
    made = generator()
    start_ms = made.window_start_ms(rising.interval, int(rising.open_time_ms[-1]))
    whole = unmeasured(evaluate(generator(), rising))
    for window in (rising.tail(480), rising.tail(555), rising.between(start_ms, None)):
        assert unmeasured(evaluate(generator(), window)) == whole


@needs_recordings
def test_a_recorded_market_is_evaluated_alike_from_any_view():
    minutes = recorded("SOLUSDT", Interval.M1, 20_000)
    others = {i: fold(minutes, i) for i in Interval if i is not Interval.M1}
    instrument = replace(INSTRUMENT, symbol="SOLUSDT")
    every = generator(overlays=load_overlays())
    for n in range(18_000, 20_000, 97):
        market = minutes.head(n)
        short = {i: bars.between(None, int(market.open_time_ms[-1])) for i, bars in others.items()}
        short = {i: bars.tail(every.companions[i] + 1) for i, bars in short.items()}
        views = (MarketView(market.tail(1441), short), MarketView(market.tail(3001), others))
        one, other = (evaluate(every, view, instrument=instrument) for view in views)
        assert one.decision == other.decision
        assert one.regime == other.regime


def test_an_overlay_that_raises_is_left_out_for_the_bar(rising, caplog):
    def fails(view, params):
        raise ZeroDivisionError("flat")

    def draws(view, params):
        return (Line("still", np.ones(len(view.candles))),)

    overlays = {
        "broken": replace(SUPERTREND, key="broken", compute=fails),
        "good": replace(SUPERTREND, key="good", compute=draws),
    }
    evaluation = evaluate(generator(overlays=overlays), rising)
    assert evaluation.decision.outcome is Outcome.HOLD
    assert "supertrend_direction" in evaluation.decision.missing
    errors = {reading.feature: reading.error for reading in evaluation.readings}
    groups = {f"features.{group}": "" for group in FeatureGroup}
    assert errors == {"broken": "ZeroDivisionError: flat", "good": ""} | groups
    assert any(record.levelno == logging.ERROR for record in caplog.records)


def test_each_computation_leaves_a_reading(rising):
    evaluation = evaluate(generator(), rising)
    groups = [f"features.{group}" for group in FeatureGroup]
    assert [reading.feature for reading in evaluation.readings] == ["supertrend", *groups]
    assert all(reading.rows == 480 for reading in evaluation.readings)


def regime_overlay(code):
    """A ribbon of three states that ends with ``code``."""
    states = tuple(RibbonState(word, word, Tone.QUIET) for word in ("trend_up", "quiet", "unknown"))

    def compute(view, params):
        codes = np.full(len(view.candles), -1, dtype=np.int8)
        codes[-1] = code
        return (Line("ADX", np.ones(codes.size)), Ribbon("Regime", codes, states))

    return {"market_regime": replace(SUPERTREND, key="market_regime", compute=compute)}


@pytest.mark.parametrize(
    ("code", "regime"), [(0, Regime.TREND_UP), (1, Regime.QUIET), (2, None), (-1, None)]
)
def test_an_evaluation_tells_the_regime_of_its_candle(rising, code, regime):
    assert evaluate(generator(overlays=regime_overlay(code)), rising).regime is regime


def test_without_a_regime_overlay_or_whole_data_no_regime_is_told(rising):
    assert evaluate(generator(), rising).regime is None
    assert evaluate(generator(overlays=regime_overlay(0)), rising, whole=False).regime is None


def test_a_view_should_have_what_the_overlays_look_at_beside_its_candles():
    companions = generator(overlays=load_overlays()).companions
    assert set(companions) == set(Interval)
    assert min(companions.values()) >= 11


def test_every_evaluation_leaves_one_line_for_the_runbook(rising, caplog):
    caplog.set_level(logging.INFO, logger="core.signal_generator")
    for whole in (True, False):
        evaluate(generator(), rising, whole=whole)
    lines = [r.getMessage() for r in caplog.records if "feature calculations" in r.getMessage()]
    assert len(lines) == 2
    assert all("BTCUSDT" in line and "15m" in line for line in lines)


@pytest.mark.parametrize(
    "changes",
    [{"threshold": 0.6}, {"stop_atr": 2.0}, {"reward_risk": 2.0}, {"policy": Policy.RULES}],
)
def test_other_settings_are_another_strategy(changes):
    assert generator(config=configured(**changes)).strategy != generator().strategy


def test_the_strategy_is_the_same_for_the_same_settings():
    strategy = generator().strategy
    assert strategy == generator().strategy
    assert len(strategy) == 12
    assert int(strategy, 16) >= 0


def test_an_analyst_that_may_veto_is_another_strategy():
    analyst = FakeAnalyst(Abstention(AbstentionReason.TIMEOUT))
    assert generator(analyst=analyst).strategy != generator().strategy


def test_a_decision_can_be_written_down(rising):
    decision = evaluate(generator(), rising).decision
    assert json.loads(json.dumps(dict(decision.features))) == dict(decision.features)


def test_an_answer_after_the_next_bar_has_closed_is_recorded_and_not_traded(rising):
    analyst = FakeAnalyst(View(Action.LONG, 99.0, None, None, None, "yes"))
    over_ms = int(rising.open_time_ms[-1]) + 2 * M15.duration_ms
    evaluations = []
    for answered_ms in (over_ms - 1, over_ms):
        times = iter([0])  # the shadow accounts decide before the question
        answered = functools.partial(next, times, answered_ms)
        evaluations.append(evaluate(generator(analyst=analyst), rising, now_ms=answered))
    in_time, late = evaluations
    assert in_time.signal.decided_ms == over_ms - 1
    assert late.decision.outcome is Outcome.LATE
    assert late.signal is None
    assert late.calls == (CALL,)
    assert [signal.source for signal in late.shadows] == [s.source for s in in_time.shadows]
    assert Source.RULES in {signal.source for signal in late.shadows}


def test_a_symbol_is_asked_about_once_at_a_time(rising):
    answered = asyncio.Event()

    class Slow(FakeAnalyst):
        async def judge(self, facts):
            await answered.wait()
            return await super().judge(facts)

    analyst = Slow(View(Action.LONG, 99.0, None, None, None, "yes"))
    made = generator(analyst=analyst)

    def evaluated():
        return made.evaluate(
            MarketView(rising),
            closed_ms=int(rising.open_time_ms[-1]) + M15.duration_ms,
            accounts=FakeAccount(account()),
            instrument=INSTRUMENT,
            whole=True,
        )

    async def both():
        first = asyncio.ensure_future(evaluated())
        await asyncio.sleep(0)
        second = await evaluated()
        answered.set()
        return await first, second

    first, second = asyncio.run(both())
    assert first.decision.outcome is Outcome.SIGNAL
    assert second.decision.analyst == "still_waiting"
    assert second.signal is None
    assert len(analyst.asked) == 1


def test_no_decision_knows_of_a_later_candle(rising):
    """A view may hold later bars of other intervals; the candles end with the one decided on."""
    market = random_walk(4000, seed=3, interval=M15)
    n = len(rising)
    later = MarketView(market, {Interval.H1: fold(market, Interval.H1)})
    then = MarketView(rising, {Interval.H1: fold(rising, Interval.H1)})
    made = generator(overlays=load_overlays())
    assert evaluate(made, later.head(n)).decision == evaluate(made, then).decision

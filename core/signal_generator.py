"""
From a closed candle to a decision: features, votes, analyst, risk gate.

An evaluation of a bar always looks at the same candles (`window_start_ms`), wherever
the caller's view begins, so that engine, chart and replay agree. A young market has fewer
candles, as has one with a hole, of which `core.bar_evaluator` gives what came after it:
there overlays that so few do not settle are left out. What was heard live and other
intervals are in the view as they were known when the bar closed. No clock is read but
the monotonic one, to know how late the decision comes.
"""

import hashlib
import json
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

from core.analyst_facts import facts_of
from core.answered import carrying
from core.bar_window import FEWEST_CANDLES, close_at, newest_bar_ms, unfit
from core.config import Settings
from core.feature_runner import FeatureRunner
from core.heard_features import with_heard
from core.model.evaluation import Evaluation
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Overlay
from core.model.policy import Policy
from core.model.regime import Regime
from core.model.shapes import Shape
from core.model.signal import Decision, Outcome, Signal, SignalKey
from core.model.source import Source
from core.model.telemetry import FeatureCost, Reading
from core.model.verdict import Analyst
from core.overlay_runner import OverlayRunner
from core.overlays import companions, settled, warm_up_candles
from core.policy_trader import PolicyTrader
from core.shadow_traders import JudgedBar, ShadowTraders
from core.signals.features import FEATURES
from core.signals.levels import LevelParams
from core.signals.regime_reading import newest_regime
from core.signals.rules import RULES_VERSION, RuleParams, judge_rules
from core.telemetry import Telemetry
from core.trading.account import Account
from core.trading.conclusion import (
    Conclusion,
    Entry,
    decided_at_ms,
    decision,
    over,
    signal,
)
from core.trading_limits import limits_of

__all__ = ["Evaluation", "SignalGenerator"]

logger = logging.getLogger(__name__)

Recorded: TypeAlias = Callable[[SignalKey], Mapping[str, float] | None]
Asking: TypeAlias = Callable[[Evaluation], None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A bar with all that was computed of it."""

    bar: JudgedBar
    shapes: Mapping[str, Sequence[Shape]]
    regime: Regime | None
    readings: tuple[Reading, ...]


class SignalGenerator:
    """
    Evaluate closed candles of the signal interval.

    Args:
        overlays: Computed for each bar; features read their shapes.
        telemetry: Measures each computation.
        analyst: None when there is nobody to ask.
        recorded: Gives back what was heard live when a bar was first decided on; for replays,
            in which nothing is heard. What it does not know is missing.
        monotonic: Seconds, to measure how long a decision takes.

    Attributes:
        strategy: Fingerprint of all that decides.
        companions: How many closed bars of which other intervals a view should have.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        overlays: Mapping[str, Overlay[Any]],
        telemetry: Telemetry,
        analyst: Analyst | None = None,
        recorded: Recorded | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        chosen = settings.signals
        self._overlays = overlays
        self._runner = OverlayRunner(overlays, telemetry)
        self._feature_runner = FeatureRunner(telemetry)
        self._telemetry = telemetry
        self._monotonic = monotonic
        self._recorded = recorded
        self._holding_bars = chosen.max_holding_bars
        levels = LevelParams(stop_atr=chosen.stop_atr, reward_risk=chosen.reward_risk)
        layers = chosen.weights.model_dump().values()
        weights = {name: weight for layer in layers for name, weight in layer.items()}
        self._rule_params = RuleParams(threshold=chosen.threshold, weights=weights, levels=levels)
        limits = limits_of(settings)
        self._shadows = ShadowTraders(
            limits=limits,
            levels=levels,
            share=chosen.random_entry_share,
            seed=chosen.random_seed,
        )
        self._trader = PolicyTrader(
            chosen.policy,
            analyst=analyst,
            ask_from=settings.deepseek.ask_from,
            limits=limits,
            levels=levels,
        )
        self._warm_up = max(
            warm_up_candles(overlays.values(), settings.signals.interval), FEWEST_CANDLES - 1
        )
        self.companions = companions(overlays.values())
        asks = chosen.policy is not Policy.RULES and analyst is not None
        self.strategy = _fingerprint(
            {
                "rules": RULES_VERSION,
                "threshold": chosen.threshold,
                "weights": weights,
                "levels": asdict(levels),
                "max_holding_bars": chosen.max_holding_bars,
                "overlays": {key: asdict(o.defaults) for key, o in sorted(overlays.items())},
                "features": tuple(FEATURES),
                "limits": asdict(limits),
                "warm_up_candles": self._warm_up,
                "policy": chosen.policy.value,
                "ask_from": settings.deepseek.ask_from if asks else None,
                "model": settings.deepseek.model if asks else None,
                "thinking": settings.deepseek.thinking if asks else None,
            }
        )

    def costs(self) -> tuple[FeatureCost, ...]:
        """What overlays and features have cost so far."""
        return self._telemetry.summary()

    def window_start_ms(self, interval: Interval, open_time_ms: int) -> int:
        """Open time of the oldest candle that the bar at ``open_time_ms`` is judged by."""
        return open_time_ms - self._warm_up * interval.duration_ms

    async def evaluate(
        self,
        view: MarketView,
        *,
        closed_ms: int,
        accounts: Callable[[Source], Account],
        instrument: Instrument,
        whole: bool,
        heard_s: float | None = None,
        now_ms: Callable[[], int | None] = lambda: None,
        asking: Asking = lambda begun: None,
    ) -> Evaluation:
        """
        Decide on the newest candle of a view; leaves an evaluation whatever happens.

        Args:
            view: Its candles begin at `window_start_ms` or earlier, or with the market.
            closed_ms: Feed time of the report that the newest one closed.
            accounts: Asked when it is needed: the analyst may take seconds, and what is
                asked last is asked without a pause before this returns.
            instrument: Trading rules of the symbol.
            whole: Whether the feed is live and without holes.
            heard_s: What ``monotonic`` said when that report came; None is now. What was
                waited for since is part of how late the decision comes.
            now_ms: Market time; None where it is not known.
            asking: Called before the analyst is waited for, with all that is known by then: what
                the shadow accounts enter and leave, who wait for nobody, with outcome HOLD. Not
                called where nobody is asked.
        """
        started_s = self._monotonic() if heard_s is None else heard_s
        candles = view.candles
        bar_ms = newest_bar_ms(candles, closed_ms)
        key = SignalKey(candles.symbol, candles.interval, bar_ms, self.strategy)
        window = candles.between(self.window_start_ms(key.interval, bar_ms), bar_ms)

        def decided_ms() -> int:
            latency_ms = max(math.ceil((self._monotonic() - started_s) * 1e3), 1)
            return decided_at_ms(key, closed_ms, latency_ms, now_ms())

        fault = unfit(window, closed_ms, whole=whole)
        if fault is not None:
            close = close_at(candles, bar_ms)
            row = decision(fault, key, close, closed_ms=closed_ms, decided_ms=decided_ms())
            _log(row)
            return Evaluation(row, None, (), ())
        seen = self._seen(replace(view, candles=window), key)
        bar = seen.bar
        shadowed = self._shadows.judge(bar, accounts, instrument)
        shadowed_ms = decided_ms()
        shadows = self._signals(shadowed.entries, bar, shadowed_ms)
        words = shadowed.words if shadows or not shadowed.entries else shadowed.too_late()

        def begun() -> Evaluation:
            draft = Conclusion(Outcome.HOLD, "", bar.features, bar.rules)
            row = decision(draft, key, bar.close, closed_ms=closed_ms, decided_ms=shadowed_ms)
            row = replace(row, shadows=words)
            return Evaluation(row, None, (), seen.readings, seen.regime, shadows, shadowed.exits)

        conclusion, exits, at_ms = await self._trader.decide(
            bar,
            facts=lambda held: facts_of(
                window, bar.features, bar.rules, shapes=seen.shapes, regime=seen.regime, held=held
            ),
            account=lambda: accounts(Source.POLICY),
            instrument=instrument,
            asking=lambda: asking(begun()),
            decided_ms=decided_ms,
        )
        with carrying(conclusion.calls):
            row = decision(conclusion, key, bar.close, closed_ms=closed_ms, decided_ms=at_ms)
            row = replace(row, shadows=words)
            _log(row)
            made = () if conclusion.entry is None else (conclusion.entry,)
            return Evaluation(
                row,
                next(iter(self._signals(made, bar, at_ms)), None),
                conclusion.calls,
                seen.readings,
                seen.regime,
                shadows,
                (*shadowed.exits, *exits),
            )

    def _seen(self, view: MarketView, key: SignalKey) -> _Seen:
        keys = settled(self._overlays, key.interval, len(view.candles))
        drawn = self._runner.run(view, keys)
        features = self._feature_runner.run(view, drawn.shapes)
        if self._recorded is not None:
            features = with_heard(features, self._recorded(key))
        readings = self._telemetry.drain()  # before any pause: these are this bar's
        close = float(view.candles.close[-1])
        rules = judge_rules(features, close, key.interval, self._rule_params)
        bar = JudgedBar(key, close, features, rules)
        return _Seen(bar, drawn.shapes, newest_regime(drawn.shapes), readings)

    def _signals(
        self, entries: Sequence[Entry], bar: JudgedBar, decided_ms: int
    ) -> tuple[Signal, ...]:
        """Return what may be acted on: nothing once the next bar has closed."""
        if over(bar.key, decided_ms):
            return ()
        return tuple(
            signal(
                entry, bar.key, bar.close, decided_ms=decided_ms, holding_bars=self._holding_bars
            )
            for entry in entries
        )


def _fingerprint(parts: Mapping[str, Any]) -> str:
    """Equal for equal behaviour: twelve hex digits of everything a decision depends on."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _log(decision: Decision) -> None:
    # The runbook looks for the words "feature calculations".
    logger.info(
        "feature calculations symbol=%s interval=%s bar=%s features=%s missing=%s score=%s "
        "outcome=%s analyst=%s latency_ms=%s reason=%s",
        decision.key.symbol,
        decision.key.interval.value,
        decision.key.open_time_ms,
        len(decision.features or ()),
        len(decision.missing),
        "-" if decision.rules is None else f"{decision.rules.score:+.3f}",
        decision.outcome.value,
        decision.analyst or "-",
        decision.decided_ms - decision.closed_ms,
        decision.reason,
    )

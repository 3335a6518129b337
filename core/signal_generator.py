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
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from core.config import Policy, Settings
from core.feature_runner import FeatureRunner
from core.model.candles import CandleSeries
from core.model.evaluation import Evaluation
from core.model.features import FeatureSet
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Overlay
from core.model.signal import Decision, Direction, Outcome, RuleVerdict, SignalKey
from core.model.telemetry import FeatureCost, Reading
from core.model.verdict import Abstention, AbstentionReason, Analyst, Facts, LlmCall, Verdict
from core.overlay_runner import Drawn, OverlayRunner
from core.overlays import companions, settled, warm_up_candles
from core.signals.combine import Combined, combine, in_words
from core.signals.features import FEATURES
from core.signals.regime_reading import newest_regime
from core.signals.rules import RULES_VERSION, RuleParams, judge_rules
from core.telemetry import Telemetry
from core.trading.account import Account
from core.trading.conclusion import Conclusion, decision, signal
from core.trading.costs import Costs
from core.trading.risk_gate import Limits, Proposal, Refusal, data_fault, rule_on

__all__ = ["Evaluation", "SignalGenerator"]

logger = logging.getLogger(__name__)

FEWEST_CANDLES = 480
"""
To judge a bar by, itself included.

EMA(50), the slowest feature that is there without its overlay, keeps 3e-8 of its seed then.
"""


class SignalGenerator:
    """
    Evaluate closed candles of the signal interval.

    Args:
        overlays: Computed for each bar; features read their shapes.
        telemetry: Measures each computation.
        analyst: None when there is nobody to ask.
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
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = settings.signals.policy
        self._overlays = overlays
        self._runner = OverlayRunner(overlays, telemetry)
        self._feature_runner = FeatureRunner(telemetry)
        self._telemetry = telemetry
        self._analyst = analyst
        self._monotonic = monotonic
        self._rule_params = RuleParams(
            threshold=settings.signals.threshold,
            stop_atr=settings.signals.stop_atr,
            reward_risk=settings.signals.reward_risk,
        )
        self._limits = Limits(
            risk_per_trade_pct=settings.risk.risk_per_trade_pct,
            min_reward_risk=settings.risk.min_reward_risk,
            max_per_hour=settings.signals.max_per_hour,
            costs=Costs(
                taker_fee=settings.paper.taker_fee_bps / 1e4,
                slippage=settings.paper.slippage_bps / 1e4,
            ),
        )
        self._warm_up = max(
            warm_up_candles(overlays.values(), settings.signals.interval), FEWEST_CANDLES - 1
        )
        self.companions = companions(overlays.values())
        self.strategy = self._fingerprint(settings.deepseek.model)

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
        account: Callable[[], Account],
        instrument: Instrument,
        whole: bool,
        heard_s: float | None = None,
    ) -> Evaluation:
        """
        Decide on the newest candle of a view; leaves an evaluation whatever happens.

        Args:
            view: Its candles begin at `window_start_ms` or earlier, or with the market.
            closed_ms: Feed time of the report that the newest one closed.
            account: Asked when it is needed: the analyst may take seconds, and what is
                asked last is asked without a pause before this returns.
            instrument: Trading rules of the symbol.
            whole: Whether the feed is live and without holes.
            heard_s: What ``monotonic`` said when that report came; None is now. What was
                waited for since is part of how late the decision comes.
        """
        started = self._monotonic() if heard_s is None else heard_s
        candles = view.candles
        bar_ms = _bar_ms(candles, closed_ms)
        window = candles.between(self.window_start_ms(candles.interval, bar_ms), bar_ms)
        fault = data_fault(window, closed_ms, whole=whole)
        readings: tuple[Reading, ...] = ()
        regime = None
        if fault is not None:
            conclusion = Conclusion(Outcome.STALE, fault)
        elif len(window) < FEWEST_CANDLES:
            reason = f"{len(window)} candles of the {FEWEST_CANDLES} that are needed"
            conclusion = Conclusion(Outcome.NOT_READY, reason)
        else:
            drawn, features = self._features(replace(view, candles=window))
            readings = self._telemetry.drain()  # before any pause: these are this bar's
            regime = newest_regime(drawn.shapes)
            conclusion = await self._conclude(window, features, account, instrument)
        latency_ms = max(math.ceil((self._monotonic() - started) * 1e3), 1)
        decided = decision(
            conclusion,
            SignalKey(candles.symbol, candles.interval, bar_ms, self.strategy),
            _close_at(candles, bar_ms),
            closed_ms=closed_ms,
            latency_ms=latency_ms,
        )
        _log(decided, latency_ms)
        return Evaluation(decided, signal(conclusion, decided), conclusion.call, readings, regime)

    def _features(self, view: MarketView) -> tuple[Drawn, FeatureSet]:
        keys = settled(self._overlays, view.candles.interval, len(view.candles))
        drawn = self._runner.run(view, keys)
        return drawn, self._feature_runner.run(view, drawn.shapes)

    async def _conclude(
        self,
        window: CandleSeries,
        features: FeatureSet,
        account: Callable[[], Account],
        instrument: Instrument,
    ) -> Conclusion:
        close = float(window.close[-1])
        rules = judge_rules(features, close, self._rule_params)
        draft = Conclusion(Outcome.HOLD, "", features, rules, AbstentionReason.NOT_ASKED.value)
        proposal = _proposal(window.symbol, close, rules)
        if proposal is None:
            return _with(draft, combine(rules, None))
        # Refused anyway: no reason to pay for an opinion.
        ruling = rule_on(proposal, account(), instrument, self._limits)
        if isinstance(ruling, Refusal):
            return draft.refused(ruling)
        verdict, call = await self._consulted(
            Facts(window.symbol, window.interval, close, features, rules)
        )
        draft = replace(draft, analyst=in_words(verdict), call=call)
        combined = combine(rules, verdict)
        if combined.outcome is not Outcome.SIGNAL:
            return _with(draft, combined)
        # Other symbols may have traded while the analyst thought.
        ruling = rule_on(proposal, account(), instrument, self._limits)
        if isinstance(ruling, Refusal):
            return draft.refused(ruling)
        return replace(_with(draft, combined), admission=ruling)

    async def _consulted(self, facts: Facts) -> tuple[Verdict | None, LlmCall | None]:
        if self._policy is Policy.RULES:
            return None, None
        if self._analyst is None:
            return Abstention(AbstentionReason.NO_KEY), None
        consultation = await self._analyst.judge(facts)
        return consultation.verdict, consultation.call

    def _fingerprint(self, model: str) -> str:
        """Equal for equal behaviour: twelve hex digits of everything a decision depends on."""
        asks = self._policy is Policy.CONFIRM and self._analyst is not None
        parts = {
            "rules": RULES_VERSION,
            "rule_params": asdict(self._rule_params),
            "overlays": {key: asdict(o.defaults) for key, o in sorted(self._overlays.items())},
            "features": tuple(FEATURES),
            "limits": asdict(self._limits),
            "warm_up_candles": self._warm_up,
            "policy": self._policy.value,
            "model": model if asks else None,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _bar_ms(candles: CandleSeries, closed_ms: int) -> int:
    """Open time of the newest candle, or of the bar that closed last when that is not it."""
    step_ms = candles.interval.duration_ms
    if len(candles) and closed_ms - int(candles.open_time_ms[-1]) < 2 * step_ms:
        return int(candles.open_time_ms[-1])
    return candles.interval.open_time_ms(closed_ms + 1 - step_ms)


def _close_at(candles: CandleSeries, bar_ms: int) -> float | None:
    found = len(candles) > 0 and int(candles.open_time_ms[-1]) == bar_ms
    return float(candles.close[-1]) if found else None


def _proposal(symbol: str, close: float, rules: RuleVerdict) -> Proposal | None:
    if rules.direction is Direction.FLAT or rules.stop is None or rules.target is None:
        return None
    return Proposal(symbol, rules.direction, close, rules.stop, rules.target)


def _with(draft: Conclusion, combined: Combined) -> Conclusion:
    return replace(
        draft,
        outcome=combined.outcome,
        reason=combined.reason,
        confidence=combined.confidence,
    )


def _log(decision: Decision, latency_ms: int) -> None:
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
        latency_ms,
        decision.reason,
    )

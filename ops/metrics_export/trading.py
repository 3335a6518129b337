"""What the engine decides and computes, as metrics."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from prometheus_client.core import Metric

from core.engine_tallies import EngineTallies
from core.model.engine_report import EngineReport
from core.model.source import Source
from core.model.telemetry import FeatureCost
from core.trading.account import Halt
from ops.metrics_export.described import Labels, counter, few, gauge, histogram

CLOSE_LAG = histogram(
    "trading_candle_close_lag_seconds",
    "From the end of a minute to when its candle was heard closed, by the market's time.",
)
COMPUTATIONS = counter(
    "trading_feature_computations_total",
    "Computations of an overlay or group of features.",
    "feature",
)
COMPUTATION_FAILURES = counter(
    "trading_feature_failures_total", "Those of them that failed.", "feature"
)
LATENCY_MEDIAN = gauge(
    "trading_feature_latency_median_seconds",
    "Wall time, over the newest 256 computations.",
    "feature",
)
LATENCY_P95 = gauge(
    "trading_feature_latency_p95_seconds",
    "Wall time that 95 % of the newest 256 computations did not exceed.",
    "feature",
)
FEATURE_MEMORY = gauge(
    "trading_feature_peak_memory_bytes",
    "Allocated at most by the newest computation that was traced.",
    "feature",
)
DECISIONS = counter("trading_decisions_total", "Bars decided on, by how that ended.", "outcome")
REFUSALS = counter(
    "trading_refusals_total",
    "Entries of the policy that the risk gate refused, by its code.",
    "reason",
)
BREAKER = gauge(
    "trading_breaker_open",
    "1 while a breaker forbids an account every entry.",
    "account",
    "breaker",
)
EQUITY = gauge("trading_equity_usd", "Of the policy's paper account, with open P&L.")
OPEN_TRADES = gauge("trading_open_trades", "Open trades of the policy's paper account.")
PAUSED = gauge("trading_paused_symbols", "Symbols paused by hand.")
BEATS = counter("trading_engine_heartbeats_total", "Reports the engine has made.")
LLM_SPENT = gauge(
    "trading_llm_spent_today_usd",
    "Spent on decisions in this UTC day, also before this process started.",
)
LLM_LIMIT = gauge(
    "trading_llm_daily_limit_usd",
    "What may be spent on decisions in a day; 0 when nobody is asked.",
)

BREAKERS: Final = ("emergency", "breaker_state", "daily_loss", "drawdown", "market_time")
"""Codes of what may halt an account."""
_OTHER: Final = "other"


def decision_part(tallies: EngineTallies) -> Iterator[Metric]:
    """Tell what was decided, and how late closes were heard."""
    outcomes = tallies.outcomes()
    yield DECISIONS.of({(outcome.value,): n for outcome, n in outcomes.items()})
    yield REFUSALS.of(few(tallies.refusals()))
    yield CLOSE_LAG.spread({(): tallies.close_lags()})


def report_part(report: EngineReport) -> Iterator[Metric]:
    """Tell what the engine's heartbeat says and no other part does."""
    yield EQUITY.of(report.equity)
    yield OPEN_TRADES.of(report.open_trades)
    yield PAUSED.of(len(report.paused))
    yield BEATS.of(report.beats)
    yield LLM_SPENT.of(report.llm_usd_today)
    yield LLM_LIMIT.of(report.llm_usd_limit)


def breaker_part(halts: Mapping[Source, tuple[Halt, ...]]) -> Iterator[Metric]:
    """Tell which breakers are open; all that there are, also those that are not."""
    told: dict[Labels, float | None] = {
        (source.value, breaker): 0.0 for source in halts for breaker in BREAKERS
    }
    for source, found in halts.items():
        for halt in found:
            told[source.value, halt.code if halt.code in BREAKERS else _OTHER] = 1.0
    yield BREAKER.of(told)


def feature_part(costs: Iterable[FeatureCost]) -> Iterator[Metric]:
    """Tell what overlays and features have cost."""
    known = {(cost.feature,): cost for cost in costs}
    yield COMPUTATIONS.of({name: cost.count for name, cost in known.items()})
    yield COMPUTATION_FAILURES.of({name: cost.errors for name, cost in known.items()})
    yield LATENCY_MEDIAN.of({name: c.median_ms / 1000.0 for name, c in known.items()})
    yield LATENCY_P95.of({name: c.p95_ms / 1000.0 for name, c in known.items()})
    yield FEATURE_MEMORY.of(
        {n: None if c.peak_kb is None else c.peak_kb * 1024.0 for n, c in known.items()}
    )

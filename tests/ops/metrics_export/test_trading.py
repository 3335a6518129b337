from core.engine_tallies import EngineTallies
from core.model.engine_report import EngineReport
from core.model.source import Source
from core.model.telemetry import FeatureCost
from core.trading.account import Halt
from ops.metrics_export.trading import breaker_part, decision_part, feature_part, report_part
from tests.core.test_engine_tallies import HELD, refused
from tests.ops.metrics_export.reading import samples

REPORT = EngineReport(7, "LIVE", 0.1, 5, "nobody", 10_000.0, 2, paused=("A",), llm_usd_limit=3.0)
COST = FeatureCost("supertrend", 12, 1, 4.0, 2.0, 8.0, 64.0, 0.5, (4.0,))


def test_decisions_and_refusals_are_told():
    tallies = EngineTallies()
    tallies.decided(HELD)
    tallies.decided(refused("max_per_hour: 3 of 3"))
    told = samples(decision_part(tallies))
    assert told["trading_decisions_total", "hold"] == 1
    assert told["trading_decisions_total", "late"] == 0
    assert told["trading_refusals_total", "max_per_hour"] == 1
    assert told["trading_candle_close_lag_seconds_count",] == 0


def test_the_heartbeat_is_told():
    told = samples(report_part(REPORT))
    assert told["trading_equity_usd",] == 10_000.0
    assert told["trading_open_trades",] == 2
    assert told["trading_paused_symbols",] == 1
    assert told["trading_engine_heartbeats_total",] == 7
    assert told["trading_llm_daily_limit_usd",] == 3.0


def test_every_breaker_is_told_open_or_not_and_its_words_are_no_label():
    halts = dict.fromkeys(Source, ())
    halts[Source.POLICY] = (Halt("drawdown", 'lost "much"\n'), Halt("news", "of a new kind"))
    told = samples(breaker_part(halts))
    assert told["trading_breaker_open", "policy", "drawdown"] == 1
    assert told["trading_breaker_open", "policy", "other"] == 1
    assert told["trading_breaker_open", "hand", "drawdown"] == 0
    assert len(told) == 4 * 5 + 1


def test_costs_are_told_in_seconds_and_bytes():
    told = samples(feature_part([COST]))
    assert told["trading_feature_computations_total", "supertrend"] == 12
    assert told["trading_feature_failures_total", "supertrend"] == 1
    assert told["trading_feature_latency_median_seconds", "supertrend"] == 0.002
    assert told["trading_feature_latency_p95_seconds", "supertrend"] == 0.008
    assert told["trading_feature_peak_memory_bytes", "supertrend"] == 65_536

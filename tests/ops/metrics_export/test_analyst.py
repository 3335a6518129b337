from dataclasses import replace

from core.model.verdict import Purpose
from deepseek.call_tally import CallTally
from ops.metrics_export.analyst import call_part, circuit_part
from tests.deepseek.test_call_tally import CALL
from tests.ops.metrics_export.reading import samples


def test_calls_are_told_by_purpose():
    tally = CallTally()
    tally.add(CALL)
    tally.add(replace(CALL, verdict="timeout"))
    told = samples(call_part(tally, Purpose.DECISION))
    assert told["trading_llm_calls_total", "decision"] == 2
    assert told["trading_llm_failures_total", "timeout", "decision"] == 1
    assert told["trading_llm_tokens_total", "completion", "decision"] == 100
    assert told["trading_llm_cost_usd_total", "decision"] == 0.004
    assert told["trading_llm_latency_seconds_bucket", "2", "decision"] == 2
    assert told["trading_llm_latency_seconds_sum", "decision"] == 3.0


def test_the_circuit_is_told():
    assert samples(circuit_part(is_open=True)) == {("trading_llm_circuit_open",): 1.0}
    assert samples(circuit_part(is_open=False)) == {("trading_llm_circuit_open",): 0.0}

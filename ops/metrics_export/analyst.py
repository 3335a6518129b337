"""What questions to the model come to, as metrics."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from core.model.verdict import Purpose
from deepseek.call_tally import CallTally
from ops.metrics_export.described import counter, gauge, histogram

LLM_CALLS = counter("trading_llm_calls_total", "Attempts sent to the model.", "purpose")
LLM_REMEMBERED = counter(
    "trading_llm_remembered_total", "Questions whose answer was known already.", "purpose"
)
LLM_FAILURES = counter(
    "trading_llm_failures_total", "Attempts without a usable answer, by why.", "purpose", "kind"
)
LLM_TOKENS = counter(
    "trading_llm_tokens_total",
    "Tokens as billed; those of a cached prompt apart.",
    "purpose",
    "kind",
)
LLM_COST = counter("trading_llm_cost_usd_total", "US dollars, by the configured prices.", "purpose")
LLM_LATENCY = histogram(
    "trading_llm_latency_seconds", "Of attempts, however they ended.", "purpose"
)
LLM_CIRCUIT = gauge(
    "trading_llm_circuit_open", "1 while the model's server is left in peace after failures."
)


def call_part(tally: CallTally, purpose: Purpose) -> Iterator[Metric]:
    """Tell what questions to the model came to."""
    sums, word = tally.of(purpose), purpose.value
    yield LLM_CALLS.of({(word,): sums.sent})
    yield LLM_REMEMBERED.of({(word,): sums.remembered})
    yield LLM_FAILURES.of({(word, kind): n for kind, n in sums.failures.items()})
    yield LLM_TOKENS.of({(word, kind): n for kind, n in sums.tokens.items()})
    yield LLM_COST.of({(word,): sums.usd})
    yield LLM_LATENCY.spread({(word,): sums.seconds})


def circuit_part(*, is_open: bool) -> Iterator[Metric]:
    """Tell whether the model's server is asked at all."""
    yield LLM_CIRCUIT.of(float(is_open))

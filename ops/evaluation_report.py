"""One evaluation, as plain values for machines and as lines for people."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from core.model.evaluation import Evaluation
from core.model.signal import Layer, RuleVerdict, Signal
from core.model.verdict import LlmCall
from core.trading.account import Account
from deepseek.chat_text import plain
from ops.logging_setup import escaped
from ops.newest_bar import NewestBar

_SHOWN_FEATURES = 12


def evaluation_document(evaluation: Evaluation, bar: NewestBar, account: Account) -> dict[str, Any]:
    """Return everything as JSON can hold it."""
    decision, rules = evaluation.decision, evaluation.decision.rules
    return {
        "symbol": decision.key.symbol,
        "interval": decision.key.interval.value,
        "strategy": decision.key.strategy,
        "data": {
            "bar_open_ms": decision.key.open_time_ms,
            "closed_ms": bar.closed_ms,
            "age_s": max(bar.now_ms - bar.closed_ms, 0) / 1000,
            "candles": len(bar.view.candles),
            "whole": bar.whole,
        },
        "close": decision.close,
        "regime": evaluation.regime.value if evaluation.regime else None,
        "features": dict(decision.features or {}),
        "missing_features": list(decision.missing),
        "rules": None if rules is None else _rules(rules),
        "analyst": {
            "verdict": decision.analyst,
            "detail": decision.analyst_detail,
            "calls": [_call(call) for call in evaluation.calls],
            "cost_usd": sum(call.cost_usd for call in evaluation.calls),
        },
        "account": {
            "equity": account.equity,
            "positions": sorted(account.positions),
            "signals_last_hour": account.signals_last_hour,
            "halts": [halt.reason for halt in account.halts],
        },
        "outcome": decision.outcome.value,
        "reason": decision.reason,
        "confidence": decision.confidence,
        "signal": _signal(evaluation.signal),
        "exits": [f"{leaves.source}: {leaves.reason}" for leaves in evaluation.exits],
        "shadows": {source.value: words for source, words in decision.shadows.items()},
    }


def evaluation_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the document in words; what the model wrote moves no cursor and forges no line."""
    return (escaped(plain(line)) for line in _lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    data, account = told["data"], told["account"]
    opened = datetime.fromtimestamp(data["bar_open_ms"] / 1000, UTC)
    whole = "whole" if data["whole"] else "with holes"
    yield f"{told['symbol']} {told['interval']}, bar of {opened:%Y-%m-%d %H:%M} UTC"
    yield f"data      {data['candles']} candles, {whole}; closed {data['age_s']:.0f} s ago"
    features = told["features"]
    if features:
        missing = len(told["missing_features"])
        yield f"features  {len(features)} known, {missing} missing; regime {told['regime'] or '-'}"
        newest = list(features.items())[:_SHOWN_FEATURES]
        yield "          " + "  ".join(f"{name} {value:.4g}" for name, value in newest)
    if told["rules"]:
        yield from _rule_lines(told["rules"])
    yield from _analyst_lines(told["analyst"])
    held = ", ".join(account["positions"]) or "none"
    yield f"account   equity {account['equity']:,.2f}; positions: {held}"
    yield from (f"          nothing is entered: {halt}" for halt in account["halts"])
    yield f"outcome   {told['outcome']}: {told['reason']}"
    if signal := told["signal"]:
        yield (
            f"          {signal['direction']} {signal['quantity']:g} at {signal['reference']:g}, "
            f"stop {signal['stop']:g}, target {signal['target']:g}"
        )
    yield from (f"exit      {words}" for words in told["exits"])
    yield from (f"shadow    {source}: {words}" for source, words in told["shadows"].items())


def _rule_lines(rules: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"rules     {rules['direction']} ({rules['strength']}), score {rules['score']:+.4f}, "
        f"confidence {rules['confidence']:.0f}"
    )
    for layer, votes in rules["layers"].items():
        yield f"  {layer:<10} {sum(vote['contribution'] for vote in votes):+.4f}"
        for vote in votes:
            name, part = vote["name"], vote["contribution"]
            yield f"    {name:<16} {part:+.4f}  {vote['reason']}"
    if rules["stop"] is not None:
        yield (
            f"levels    stop {rules['stop']:g}, target {rules['target']:g}, "
            f"reward/risk {rules['reward_risk'] or 0.0:.2f}"
        )
    if rules["invalidation"]:
        yield f"wrong if  {'; '.join(rules['invalidation'])}"


def _analyst_lines(analyst: Mapping[str, Any]) -> Iterator[str]:
    detail = f": {analyst['detail']}" if analyst["detail"] else ""
    yield f"analyst   {analyst['verdict'] or '-'}{detail}"
    for call in analyst["calls"]:
        yield (
            f"          {call['model']}: {call['verdict']}, {call['latency_ms']} ms, "
            f"${call['cost_usd']:.6f}"
        )
        for check in call["checks"]:
            mark = "holds" if check["holds"] else f"is wrong: {check['actual']}"
            yield f"            {check['feature']} {check['claimed']:g} {mark}"


def _rules(rules: RuleVerdict) -> dict[str, Any]:
    votes: dict[str, list[dict[str, Any]]] = {layer.value: [] for layer in Layer}
    for vote in rules.votes:
        votes[vote.layer.value].append(
            {
                "name": vote.name,
                "value": vote.value,
                "weight": vote.weight,
                "contribution": vote.contribution,
                "reason": vote.reason,
            }
        )
    return {
        "direction": rules.direction.value,
        "strength": rules.strength.value,
        "score": rules.score,
        "confidence": rules.confidence,
        "layers": {layer: of for layer, of in votes.items() if of},
        "stop": rules.stop,
        "target": rules.target,
        "reward_risk": rules.reward_risk,
        "invalidation": [str(condition) for condition in rules.invalidation],
    }


def _call(call: LlmCall) -> dict[str, Any]:
    return {
        "model": call.model,
        "verdict": call.verdict,
        "answer": call.answer,
        "checks": [
            {
                "feature": check.feature,
                "claimed": check.claimed,
                "actual": check.actual,
                "holds": check.holds,
            }
            for check in call.checks
        ],
        "latency_ms": call.latency_ms,
        "cost_usd": call.cost_usd,
        "cached": call.cached,
    }


def _signal(signal: Signal | None) -> dict[str, Any] | None:
    if signal is None:
        return None
    return {
        "direction": signal.direction.value,
        "quantity": signal.quantity,
        "reference": signal.reference_price,
        "stop": signal.stop,
        "target": signal.target,
        "invalidation": [str(condition) for condition in signal.invalidation],
    }

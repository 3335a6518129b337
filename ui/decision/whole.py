"""The whole evaluation for the drawer: facts, votes, questions and answers, outcome. Pure."""

from collections.abc import Mapping

from core.journal.decision_reader import Story
from core.model.features import FeatureGroup, FeatureSpec
from core.model.source import SOURCE_WORDS
from core.model.trade import Trade
from core.model.verdict import LlmCall
from core.signals.features import FEATURES
from ui.decision.telling import Told, checks_told, story_told
from ui.decision.words import exit_words

_OTHERS = "other"
"""Group of features that this version does not know any more."""


def whole_told(story: Story, threshold: float, decimals: int) -> Told:
    """Return everything that is known of an evaluation; texts are as they came, never markup."""
    decision, signal = story.decision, story.signal
    return story_told(story, threshold, decimals) | {
        "strategy": decision.key.strategy,
        "reason": decision.reason,
        "facts": facts_told(decision.features, decision.missing),
        "calls": [_call_told(call) for call in story.calls],
        "shadows": [
            {"account": SOURCE_WORDS[source], "said": said}
            for source, said in decision.shadows.items()
        ],
        "trades": [_trade_told(trade) for trade in story.trades],
        "quantity": None if signal is None else signal.quantity,
        "expires_ms": None if signal is None else signal.expires_ms,
        "reasons": [] if signal is None else list(signal.reasons),
    }


def facts_told(features: Mapping[str, float] | None, missing: tuple[str, ...]) -> list[Told]:
    """Return the facts by group: what is known with its unit, what is missing with its reason."""
    known = features or {}
    titles = [*(group.value for group in FeatureGroup), _OTHERS]
    groups: dict[str, Told] = {
        title: {"group": title, "known": [], "missing": []} for title in titles
    }
    for name, value in known.items():
        spec = FEATURES.get(name)
        groups[_group(spec)]["known"].append(
            {"name": name, "value": value, "unit": _unit(spec), "meaning": _meaning(spec)}
        )
    for name in missing:
        spec = FEATURES.get(name)
        groups[_group(spec)]["missing"].append(
            {"name": name, "meaning": _meaning(spec), "why": _why_missing(spec)}
        )
    return [group for group in groups.values() if group["known"] or group["missing"]]


def _group(spec: FeatureSpec | None) -> str:
    return _OTHERS if spec is None else spec.group.value


def _unit(spec: FeatureSpec | None) -> str:
    return "" if spec is None else spec.unit


def _meaning(spec: FeatureSpec | None) -> str:
    return "not known to this version" if spec is None else spec.meaning


def _why_missing(spec: FeatureSpec | None) -> str:
    match None if spec is None else spec.source:
        case None:
            return "not known to this version"
        case "heard live":
            return "nothing was heard live of this bar"
        case "candles":
            return "too few candles, or nothing to compare with"
        case source:
            return f"{source.replace('_', ' ')} had no value at this bar"


def _call_told(call: LlmCall) -> Told:
    return {
        "attempt": call.attempt,
        "asked_ms": call.asked_ms,
        "model": call.model,
        "verdict": call.verdict,
        "cached": call.cached,
        "cost_usd": call.cost_usd,
        "latency_ms": call.latency_ms,
        "prompt_tokens": call.prompt_tokens,
        "cache_hit_tokens": call.cache_hit_tokens,
        "completion_tokens": call.completion_tokens,
        "prompt": call.prompt,
        "answer": call.answer,
        "checks": checks_told(call.checks),
    }


def _trade_told(trade: Trade) -> Told:
    return {
        "id": trade.id,
        "account": SOURCE_WORDS[trade.source],
        "part_of": trade.part_of,
        "direction": trade.direction.value,
        "status": trade.status.value,
        "quantity": trade.quantity,
        "stop": trade.stop,
        "target": trade.target,
        "entry_ms": trade.entry_ms,
        "entry_price": trade.entry_price,
        "exit_ms": trade.exit_ms,
        "exit_price": trade.exit_price,
        "exit_reason": exit_words(trade.exit_reason),
        "fees": trade.fees,
        "funding": trade.funding,
        "pnl": trade.pnl,
        "r": trade.r_multiple,
    }

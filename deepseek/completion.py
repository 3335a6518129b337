"""
From the body of an HTTP answer to a completion. Pure.

The SDK builds its objects without looking at the types, returns a plain string
for an HTML page and lets a decoder's exception through for an empty body
(PROTOCOLS E7). So the body is read here, once, into types that can be trusted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.model.verdict import Abstention, AbstentionReason, Verdict
from deepseek.budget import Usage
from deepseek.reply import ends_early, parse_reply, storable

_MAX_TOKENS: Final = 10**9  # more is no count of tokens
_MAX_NAME_CHARACTERS: Final = 100
_MAX_DETAIL_CHARACTERS: Final = 200
_RETRYABLE: Final = frozenset(
    {
        AbstentionReason.BLANK,
        AbstentionReason.CUT_OFF,
        AbstentionReason.NETWORK,
        AbstentionReason.NO_BODY,
        AbstentionReason.OVERLOADED,
        AbstentionReason.RATE_LIMIT,
        AbstentionReason.RESOURCE,
        AbstentionReason.SERVER,
        AbstentionReason.TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True)
class Completion:
    """
    What the server says the model wrote.

    Attributes:
        content: The text; empty when there is none.
        finish_reason: Why it ended, in the provider's words; empty when not said.
        model: The model that answered; empty when not said.
        usage: None when not told, or senseless.
    """

    content: str
    finish_reason: str
    model: str
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Failure:
    """
    No completion, and why.

    Attributes:
        retry_after_s: How long the server asks us to wait before the next try.
        free: Whether nothing is owed: the server refused, or was never reached.
    """

    abstention: Abstention
    retry_after_s: float | None = None
    free: bool = False


def failure(
    reason: AbstentionReason,
    detail: str,
    retry_after_s: float | None = None,
    *,
    free: bool = False,
) -> Failure:
    """Return a failure whose detail is one short line that can be stored."""
    line = " ".join(storable(detail).split())[:_MAX_DETAIL_CHARACTERS]
    return Failure(Abstention(reason, line), retry_after_s, free)


def is_retryable(verdict: Verdict) -> bool:
    """Whether the same question may well be answered when it is asked again."""
    return isinstance(verdict, Abstention) and verdict.reason in _RETRYABLE


def parse_completion(body: bytes) -> Completion | Failure:
    """
    Read the body of an answer with status 200.

    Whatever is not a completion is the server's failure; a completion without
    text is a completion, and `verdict_of` says what is wrong with it.
    """
    if not body.strip():
        return failure(AbstentionReason.NO_BODY, "the connection ended before an answer began")
    document = _document(body)
    if isinstance(document, Failure):
        return document
    choices = document.get("choices")
    if not isinstance(choices, list):
        said = error_message(document.get("error"))
        return _no_completion(f"the body is not a completion {said}")
    choice = _mapping(choices[0]) if choices else {}
    return Completion(
        content=_text(_mapping(choice.get("message")).get("content")),
        finish_reason=_text(choice.get("finish_reason")),
        model=_text(document.get("model"))[:_MAX_NAME_CHARACTERS],
        usage=usage_of(_mapping(document.get("usage"))),
    )


def _document(body: bytes) -> Mapping[str, object] | Failure:
    try:
        return _mapping(json.loads(body, parse_int=float))
    except RecursionError:
        return _no_completion("the body is nested too deeply")
    except json.JSONDecodeError as error:
        if ends_early(error):
            return failure(AbstentionReason.CUT_OFF, "the body ends in the middle")
        return _no_completion("the body is not JSON")
    except UnicodeDecodeError:
        return _no_completion("the body is no text")


def _no_completion(detail: str) -> Failure:
    return failure(AbstentionReason.NOT_A_COMPLETION, detail)


def verdict_of(completion: Completion, close: float) -> Verdict:
    """Judge a completion: how it ended, then what it says (`parse_reply`)."""
    match completion.finish_reason:
        case "stop" | "":
            return parse_reply(completion.content, close)
        case "length":
            return Abstention(AbstentionReason.TRUNCATED, "the answer reached max_tokens")
        case "content_filter":
            return Abstention(AbstentionReason.REQUEST, "withheld by the provider's content filter")
        case "insufficient_system_resource":
            return Abstention(AbstentionReason.RESOURCE, "the provider gave the answer up")
        case other:
            return Abstention(AbstentionReason.CONTRACT, f"finish_reason {other!r:.60}")


def error_message(error: object) -> str:
    """Return the words of an error object as the provider sends it, else an empty string."""
    return _text(_mapping(error).get("message"))


def usage_of(raw: Mapping[str, object]) -> Usage | None:
    """Read the provider's count of tokens; None where it counts none of the question."""
    prompt = _count(raw.get("prompt_tokens"))
    if not prompt:
        return None
    hits = _count(raw.get("prompt_cache_hit_tokens"))
    return Usage(prompt, min(hits, prompt), _count(raw.get("completion_tokens")))


def _count(value: object) -> int:
    return int(value) if isinstance(value, float) and 0 <= value <= _MAX_TOKENS else 0


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return storable(value) if isinstance(value, str) else ""

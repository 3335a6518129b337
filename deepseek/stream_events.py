"""
From the lines of a streamed answer to pieces of text. Pure.

The SDK builds its objects without looking at the types (PROTOCOLS E7), so each line
is read here, once, into types that can be trusted.
"""

import json
from dataclasses import dataclass
from typing import Final

from core.model.verdict import Abstention, AbstentionReason
from deepseek.budget import Usage
from deepseek.completion import Failure, error_message, failure, usage_of

_DATA: Final = b"data:"
_DONE: Final = b"[DONE]"
_MAX_NAME_CHARACTERS: Final = 100
_ENDS: Final = {
    "": (AbstentionReason.CUT_OFF, "the answer broke off"),
    "length": (AbstentionReason.TRUNCATED, "the answer reached its longest length"),
    "content_filter": (AbstentionReason.REQUEST, "withheld by the provider's content filter"),
    "insufficient_system_resource": (AbstentionReason.RESOURCE, "the provider gave the answer up"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """
    What one event of a stream tells.

    Attributes:
        text: As it came; perhaps none.
        finish_reason: Why the answer ends here, in the provider's words; empty before its end.
        model: The model that answers; empty when not said.
        usage: None before it is counted.
    """

    text: str = ""
    finish_reason: str = ""
    model: str = ""
    usage: Usage | None = None


def parse_line(line: bytes) -> Piece | Failure | None:
    """
    Read one line of the body.

    Comments, which is how the server says "wait", blank lines and the mark of the end say
    nothing: None.
    """
    if not line.startswith(_DATA):
        return None if _says_nothing(line) else _no_stream("the body is not a stream of events")
    data = line[len(_DATA) :].strip()
    if not data or data == _DONE:
        return None
    try:
        document = json.loads(data, parse_int=float)
    except (ValueError, RecursionError):
        return _no_stream("an event is not JSON")
    if not isinstance(document, dict):
        return _no_stream("an event is no object")
    if "error" in document:
        return failure(AbstentionReason.SERVER, error_message(document["error"]) or "no reason")
    choices = document.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    return _piece(document, choice if isinstance(choice, dict) else {})


def end_of(finish_reason: str, text: str) -> Abstention | None:
    """Say what is wrong with an answer that has ended; None when nothing is."""
    if finish_reason == "stop":
        blank = Abstention(AbstentionReason.BLANK, "the answer is empty or only spaces")
        return None if text.strip() else blank
    reason, detail = _ENDS.get(
        finish_reason, (AbstentionReason.CONTRACT, f"finish_reason {finish_reason!r:.60}")
    )
    return Abstention(reason, detail)


def _piece(document: dict[str, object], choice: dict[str, object]) -> Piece:
    delta, usage = choice.get("delta"), document.get("usage")
    return Piece(
        text=_text(delta.get("content")) if isinstance(delta, dict) else "",
        finish_reason=_text(choice.get("finish_reason"))[:_MAX_NAME_CHARACTERS],
        model=_text(document.get("model"))[:_MAX_NAME_CHARACTERS],
        usage=usage_of(usage) if isinstance(usage, dict) else None,
    )


def _says_nothing(line: bytes) -> bool:
    """Whether a line is blank, a comment, or a field of an event that is not its data."""
    return not line.strip() or line.startswith((b":", b"event:", b"id:", b"retry:"))


def _no_stream(detail: str) -> Failure:
    return failure(AbstentionReason.NOT_A_COMPLETION, detail)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

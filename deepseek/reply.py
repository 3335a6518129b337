"""
From the text an analyst wrote to a verdict.

The text is hostile until it has kept the contract to the letter: whatever is
wrong with it, the result is an abstention with a reason, never an exception
and never a guess at what was meant.
"""

import json
import math
from collections.abc import Mapping
from typing import Final

from core.model.verdict import Abstention, AbstentionReason, Action, Evidence, Verdict, View

MAX_TEXT_CHARACTERS: Final = 20_000
MAX_REASONING_CHARACTERS: Final = 4_000
# Of close; further away is no level for an intraday trade. The prompt asks for at most 15 %: what
# is a little beyond was still meant as a level, and the rules' limits apply to it afterwards.
MAX_LEVEL_DISTANCE: Final = 0.20
_CERTAIN: Final = 100.0
_MAX_ITEMS: Final = 50
_MAX_ITEM_CHARACTERS: Final = 500
_QUOTED_CHARACTERS: Final = 60
_SIGNS: Final = {Action.LONG: 1.0, Action.SHORT: -1.0}
_FENCE: Final = "```"
_MORE_FOLLOWS: Final = "Extra data"  # the decoder's words


class _ContractError(Exception):
    """The text is not what the contract asks for; the message says where."""

    def __init__(self, detail: str, reason: AbstentionReason = AbstentionReason.CONTRACT) -> None:
        super().__init__(detail)
        self.reason = reason


def parse_reply(text: str, close: float) -> Verdict:
    """
    Read an answer.

    Args:
        text: What the analyst wrote; one JSON object, bare or in one code fence.
        close: Close of the candle it was asked about; levels are checked against it.
    """
    stripped = text.strip()
    if not stripped:
        return Abstention(AbstentionReason.BLANK, "the answer is empty or only spaces")
    if len(stripped) > MAX_TEXT_CHARACTERS:
        return Abstention(AbstentionReason.TOO_LONG, f"{len(stripped)} characters")
    try:
        return _view(_document(_unfenced(stripped)), close)
    except _ContractError as error:
        return Abstention(error.reason, str(error))
    except RecursionError:
        return Abstention(AbstentionReason.CONTRACT, "nested too deeply")


def ends_early(error: json.JSONDecodeError) -> bool:
    """Whether a text is the beginning of a JSON object or array whose end is missing."""
    text = error.doc.strip()
    missing = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")
    return text.startswith(("{", "[")) and missing


def storable(text: str) -> str:
    """Return text that every database takes: no lone surrogates, no NUL."""
    return (
        text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )


def _unfenced(text: str) -> str:
    if not (text.startswith(_FENCE) and text.endswith(_FENCE) and len(text) > 2 * len(_FENCE)):
        return text
    label, newline, body = text[len(_FENCE) : -len(_FENCE)].partition("\n")
    return body if newline and label.strip().lower() in {"", "json"} else text


def _document(text: str) -> Mapping[str, object]:
    try:
        document = json.loads(
            text, object_pairs_hook=_unique, parse_int=float, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at character {error.pos}"
        raise _ContractError(detail, _why_no_json(text, error)) from error
    if isinstance(document, list) and sum(isinstance(item, dict) for item in document) > 1:
        raise _ContractError(f"a list of {len(document)}", AbstentionReason.SEVERAL)
    if not isinstance(document, dict):
        raise _ContractError(f"must be an object, was {_kind(document)}")
    return document


def _why_no_json(text: str, error: json.JSONDecodeError) -> AbstentionReason:
    if ends_early(error):
        return AbstentionReason.TRUNCATED
    if error.msg == _MORE_FOLLOWS and text.startswith("{") and _holds_object(text[error.pos :]):
        return AbstentionReason.SEVERAL
    return AbstentionReason.NOT_JSON


def _holds_object(text: str) -> bool:
    begins = text.find("{")
    if begins < 0:
        return False
    try:
        json.JSONDecoder(parse_int=float).raw_decode(text, begins)
    except json.JSONDecodeError:
        return False
    return True


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document: dict[str, object] = {}
    for name, value in pairs:
        if name in document:
            raise _ContractError(f"key {_kind(name)} is given twice")
        document[name] = value
    return document


def _no_constant(name: str) -> float:
    raise _ContractError(f"{name} is not a number", AbstentionReason.NOT_A_NUMBER)


def _view(document: Mapping[str, object], close: float) -> Verdict:
    action = _action(document)
    confidence = _number(document, "confidence")
    if not 0.0 <= confidence <= _CERTAIN:
        raise _ContractError(f"confidence must be 0 to 100, was {confidence:g}")
    reasoning = storable(_text(document, "reasoning"))
    if len(reasoning) > MAX_REASONING_CHARACTERS:
        return Abstention(AbstentionReason.TOO_LONG, f"reasoning of {len(reasoning)} characters")
    entry, stop, target = _levels(document, _SIGNS.get(action), close)
    return View(
        action=action,
        confidence=confidence,
        entry_price=entry,
        stop_loss=stop,
        take_profit=target,
        reasoning=reasoning,
        invalidation=_invalidation(document),
        evidence=_evidence(document),
    )


def _levels(
    document: Mapping[str, object], sign: float | None, close: float
) -> tuple[float | None, float | None, float | None]:
    """Return entry, stop and target; without a direction they mean nothing and are dropped."""
    entry = _level(document, "entry_price")
    stop = _level(document, "stop_loss")
    target = _level(document, "take_profit")
    if sign is None:
        return None, None, None
    for name, level in (("entry_price", entry), ("stop_loss", stop), ("take_profit", target)):
        if level is not None and not abs(level - close) <= MAX_LEVEL_DISTANCE * close:
            raise _ContractError(
                f"{name} {level:g} is too far from close {close:g}", AbstentionReason.TOO_FAR
            )
    for anchor in (close, close if entry is None else entry):
        if stop is not None and not sign * stop < sign * anchor:
            raise _wrong_side("stop_loss", stop, anchor)
        if target is not None and not sign * target > sign * anchor:
            raise _wrong_side("take_profit", target, anchor)
    return entry, stop, target


def _wrong_side(name: str, level: float, anchor: float) -> _ContractError:
    detail = f"{name} {level:g} is on the wrong side of {anchor:g}"
    return _ContractError(detail, AbstentionReason.WRONG_SIDE)


def _required(document: Mapping[str, object], key: str) -> object:
    if key not in document:
        raise _ContractError(f"key {key!r} is missing")
    return document[key]


def _action(document: Mapping[str, object]) -> Action:
    value = _text(document, "action")
    if value not in Action.__members__:
        raise _ContractError(f"action must be one of {', '.join(Action)}, was {_kind(value)}")
    return Action(value)


def _number(document: Mapping[str, object], key: str) -> float:
    value = _required(document, key)
    if isinstance(value, float) and math.isfinite(value):
        return value
    reason = AbstentionReason.CONTRACT
    if isinstance(value, str):
        reason = AbstentionReason.NUMBER_AS_TEXT
    elif isinstance(value, float):
        reason = AbstentionReason.NOT_A_NUMBER
    raise _ContractError(f"{key} must be a number, was {_kind(value)}", reason)


def _level(document: Mapping[str, object], key: str) -> float | None:
    return None if _required(document, key) is None else _number(document, key)


def _text(document: Mapping[str, object], key: str) -> str:
    value = _required(document, key)
    if not isinstance(value, str):
        raise _ContractError(f"{key} must be text, was {_kind(value)}")
    return value


def _items(document: Mapping[str, object], key: str) -> list[object]:
    value = _required(document, key)
    if not isinstance(value, list) or len(value) > _MAX_ITEMS:
        raise _ContractError(f"{key} must be a list of at most {_MAX_ITEMS}, was {_kind(value)}")
    return value


def _invalidation(document: Mapping[str, object]) -> tuple[str, ...]:
    items = _items(document, "invalidation")
    return tuple(_short({"invalidation": item}, "invalidation") for item in items)


def _evidence(document: Mapping[str, object]) -> tuple[Evidence, ...]:
    claims = []
    for item in _items(document, "evidence"):
        if not isinstance(item, dict):
            raise _ContractError(f"evidence must hold objects, was {_kind(item)}")
        claims.append(Evidence(_short(item, "feature"), _number(item, "value")))
    return tuple(claims)


def _short(document: Mapping[str, object], key: str) -> str:
    text = storable(_text(document, key))
    if len(text) > _MAX_ITEM_CHARACTERS:
        raise _ContractError(f"{key} is longer than {_MAX_ITEM_CHARACTERS} characters")
    return text


def _kind(value: object) -> str:
    """Describe a hostile value in few and storable words; containers are not looked into."""
    if isinstance(value, str | float):
        return storable(repr(value[:_QUOTED_CHARACTERS] if isinstance(value, str) else value))
    if isinstance(value, list | dict):
        return f"{type(value).__name__} of {len(value)}"
    return str(value)

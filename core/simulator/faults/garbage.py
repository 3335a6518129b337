"""Broken copies of good payloads: each is something a client must not believe."""

import json
from collections.abc import Callable

HTML = "<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>"
# The price a client cannot do without, by event; in depth events the first level.
_PRICE_KEYS = {
    "kline": "c",
    "markPriceUpdate": "p",
    "aggTrade": "p",
    "bookTicker": "b",
    "24hrMiniTicker": "c",
    "24hrTicker": "c",
}
_TIMES = ("E", "T", "t")


def broken_payload(payload: str, which: int) -> str:
    """
    Break a frame.

    Args:
        payload: The good one, without the wrapping of a combined stream. Where it is none, as
            in a recording, it is only cut.
        which: Chooses how; any non-negative integer.
    """
    spoil = _SPOILERS[which % len(_SPOILERS)]
    try:
        return spoil(payload)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return _cut(payload)


def _cut(payload: str) -> str:
    return payload[: len(payload) * 2 // 3]


def _html(payload: str) -> str:
    del payload
    return HTML


def _priced(value: object) -> Callable[[str], str]:
    def spoil(payload: str) -> str:
        return _with_price(payload, lambda _: value)

    return spoil


def _negative(payload: str) -> str:
    return _with_price(payload, lambda price: f"-{price}")


def _with_price(payload: str, change: Callable[[str], object]) -> str:
    frame = json.loads(payload)
    event = frame[0] if isinstance(frame, list) and frame else frame
    if not isinstance(event, dict):
        return _cut(payload)
    holder = event.get("k", event)
    key = _PRICE_KEYS.get(str(event.get("e")), "")
    if key in holder:
        holder[key] = change(str(holder[key]))
    elif levels := (event.get("b") or event.get("a")):
        levels[0] = [change(str(levels[0][0])), levels[0][1]]
    else:
        return _cut(payload)
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def _high_below_low(payload: str) -> str:
    frame = json.loads(payload)
    candle = frame.get("k") if isinstance(frame, dict) else None
    if not isinstance(candle, dict):
        return _negative(payload)
    candle["h"] = f"{float(candle['l']) / 2:.8f}"
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def _microseconds(payload: str) -> str:
    frame = json.loads(payload)
    events = frame if isinstance(frame, list) else [frame]
    if not all(isinstance(event, dict) for event in events):
        return _cut(payload)
    for event in events:
        for holder in (event, event.get("k", {})):
            for key in _TIMES:
                if isinstance(holder.get(key), int):
                    holder[key] *= 1_000
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


_SPOILERS: tuple[Callable[[str], str], ...] = (
    _cut,
    _html,
    _priced({"price": []}),
    _priced(None),
    _priced(""),
    _priced("NaN"),
    _priced(float("nan")),  # a bare NaN, which JSON does not have
    _priced("Infinity"),
    _priced("1e999"),
    _negative,
    _high_below_low,
    _microseconds,
)

"""The order book of a symbol at an instant of a replay: a recorded snapshot and its changes."""

from collections import deque
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

Levels: TypeAlias = dict[Decimal, tuple[str, str]]

# A snapshot answers some way behind the changes; so many of them are kept for it to catch up.
_KEPT_CHANGES = 5_000


class RecordedBook:
    """Keeps the texts of the exchange; prices are compared as numbers."""

    def __init__(self) -> None:
        self._first: Mapping[str, Any] | None = None
        self._levels: dict[str, Levels] = {}
        self._update_id = 0
        self._time_ms = 0
        self._recent: deque[Mapping[str, Any]] = deque(maxlen=_KEPT_CHANGES)

    def expect(self, snapshot: Mapping[str, Any]) -> None:
        """Know a snapshot that comes later; it is the answer until there is a better one."""
        if self._first is None and _levels_of(snapshot) is not None:
            self._first = snapshot

    def load(self, snapshot: Mapping[str, Any]) -> None:
        """Take a snapshot, and what has changed since it was made."""
        levels = _levels_of(snapshot)
        if levels is None or snapshot["lastUpdateId"] <= self._update_id:
            return
        self._levels, self._update_id = levels, snapshot["lastUpdateId"]
        self._time_ms = _time_ms(snapshot) or 0
        for change in self._recent:
            self._apply(change)

    def change(self, event: Mapping[str, Any]) -> None:
        """Take a ``depthUpdate``; one that is malformed is passed over."""
        if type(event.get("u")) is not int or _changes_of(event) is None:
            return
        self._recent.append(event)
        if self._levels:
            self._apply(event)

    def body(self, limit: int) -> Mapping[str, Any] | None:
        """Return what ``/fapi/v1/depth`` answers; None when no snapshot was recorded."""
        if not self._levels:
            if self._first is None:
                return None
            sides = {side: self._first[side][:limit] for side in ("bids", "asks")}
            return {**self._first, **sides}
        bids = sorted(self._levels["bids"].items(), reverse=True)
        asks = sorted(self._levels["asks"].items())
        return {
            "lastUpdateId": self._update_id,
            "E": self._time_ms,
            "T": self._time_ms,
            "bids": [list(level) for _, level in bids[:limit]],
            "asks": [list(level) for _, level in asks[:limit]],
        }

    def _apply(self, event: Mapping[str, Any]) -> None:
        changes = _changes_of(event)
        if changes is None or event["u"] <= self._update_id:
            return
        for side, levels in changes.items():
            for price, (text, quantity) in levels.items():
                if Decimal(quantity):
                    self._levels[side][price] = (text, quantity)
                else:
                    self._levels[side].pop(price, None)
        self._update_id = event["u"]
        self._time_ms = _time_ms(event) or self._time_ms


def _time_ms(event: Mapping[str, Any]) -> int | None:
    told = event.get("E")
    return told if type(told) is int else None


def _levels_of(snapshot: Mapping[str, Any]) -> dict[str, Levels] | None:
    if type(snapshot.get("lastUpdateId")) is not int:
        return None
    return _sides(snapshot.get("bids"), snapshot.get("asks"))


def _changes_of(event: Mapping[str, Any]) -> dict[str, Levels] | None:
    return _sides(event.get("b"), event.get("a"))


def _sides(bids: object, asks: object) -> dict[str, Levels] | None:
    if not isinstance(bids, list) or not isinstance(asks, list):
        return None
    try:
        return {
            name: {Decimal(_finite(price)): (price, _finite(text)) for price, text in side}
            for name, side in (("bids", bids), ("asks", asks))
        }
    except (InvalidOperation, TypeError, ValueError):
        return None


def _finite(text: str) -> str:
    if not Decimal(text).is_finite():
        raise ValueError(text)
    return text

"""The order book as REST tells it."""

import math
from dataclasses import dataclass

from core.data.errors import MalformedMessageError
from core.data.market_events import Level


@dataclass(frozen=True, slots=True)
class DepthSnapshot:
    """
    The best levels of both sides at one update.

    Attributes:
        last_id: ``lastUpdateId``; updates up to it are contained.
        limit: How many levels a side were asked for; a side with fewer is the whole side.
    """

    last_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    event_time_ms: int
    limit: int

    def __post_init__(self) -> None:
        for price, quantity in (*self.bids, *self.asks):
            if not (0.0 < price < math.inf and 0.0 < quantity < math.inf):
                raise MalformedMessageError("depth", f"impossible level {price} {quantity}")
        if self.bids and self.asks:
            bid = max(price for price, _ in self.bids)
            ask = min(price for price, _ in self.asks)
            if bid >= ask:
                raise MalformedMessageError("depth", f"bid {bid} is not below ask {ask}")


def parse_depth_snapshot(body: object, limit: int) -> DepthSnapshot:
    """
    Read the answer of ``/fapi/v1/depth``.

    Raises:
        MalformedMessageError: If it is not an order book.

    Source:
        PROTOCOLS A5: ``lastUpdateId``, ``E``, ``T``, ``bids``, ``asks``; no symbol.
    """
    if not isinstance(body, dict):
        raise MalformedMessageError("depth", f"not an object: {str(body)[:80]!r}")
    last_id, event_time_ms = body.get("lastUpdateId"), body.get("E")
    if type(last_id) is not int or type(event_time_ms) is not int:
        raise MalformedMessageError("depth", f"no lastUpdateId or E in {str(body)[:80]!r}")
    bids, asks = _levels(body.get("bids")), _levels(body.get("asks"))
    return DepthSnapshot(last_id, bids, asks, event_time_ms, limit)


def _levels(rows: object) -> tuple[Level, ...]:
    if not isinstance(rows, list):
        raise MalformedMessageError("depth", f"no list of levels: {str(rows)[:80]!r}")
    try:
        return tuple((float(price), float(quantity)) for price, quantity in rows)
    except (TypeError, ValueError) as error:
        raise MalformedMessageError("depth", f"not a level: {error}") from error

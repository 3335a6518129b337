"""Whether an event comes next, was there before, or is a lie."""

from enum import Enum

# So many contradictions in a row are no stray bad frames: the numbering began anew.
MOST_CONTRADICTIONS = 100


class Place(Enum):
    """Where an event belongs."""

    NEXT = "next"
    REPEATED = "repeated"
    CONTRADICTORY = "contradictory"
    RENUMBERED = "renumbered"


class IdOrder:
    """
    Ids that grow, checked against times that never fall.

    An old id is a repetition and has an old time. An old id with a new time, or a new id from a
    minute already left, is a contradiction: left out, unless everything is so for a while.

    Attributes:
        last_id: Newest id that came next; None before the first.
    """

    def __init__(self) -> None:
        self.last_id: int | None = None
        self._newest_ms = 0
        self._contradictions = 0

    def place(self, event_id: int, at_ms: int, from_ms: int) -> Place:
        """Judge an event; ``from_ms`` is the open time of the running bar."""
        last_id = self.last_id
        if last_id is None or (event_id > last_id and at_ms >= from_ms):
            self.last_id = event_id
            self._newest_ms = max(self._newest_ms, at_ms)
            self._contradictions = 0
            return Place.NEXT
        if event_id <= last_id and at_ms <= self._newest_ms:
            return Place.REPEATED
        self._contradictions += 1
        if self._contradictions < MOST_CONTRADICTIONS:
            return Place.CONTRADICTORY
        self.last_id, self._newest_ms, self._contradictions = event_id, at_ms, 0
        return Place.RENUMBERED

"""Says the same thing at most once a minute."""

from collections.abc import Callable

COMPLAIN_EVERY_S = 60.0
_MOST_KINDS = 256


class Complaints:
    """Remembers when each kind of complaint was made."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._made_s: dict[str, float] = {}

    def due(self, kind: str) -> bool:
        """Whether a complaint of this kind may be made now; if so it counts as made."""
        now_s = self._monotonic()
        if now_s - self._made_s.get(kind, float("-inf")) < COMPLAIN_EVERY_S:
            return False
        if len(self._made_s) >= _MOST_KINDS:
            self._made_s.clear()
        self._made_s[kind] = now_s
        return True

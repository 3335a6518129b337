"""Counters that others may set back."""


class Rising:
    """
    Makes sums that only grow of sums that begin anew now and then.

    A count kept in a file begins anew when the file is deleted or restored; a counter that is
    scraped must not.
    """

    def __init__(self) -> None:
        self._lost: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def of(self, name: str, value: float) -> float:
        """Return the sum under ``name`` so far, given what is counted now."""
        last = self._last.get(name, 0.0)
        if value < last:
            self._lost[name] = self._lost.get(name, 0.0) + last
        self._last[name] = value
        return self._lost.get(name, 0.0) + value

"""Drops what two overlapping sockets tell twice, or late, of one kline stream. Pure."""

from collections.abc import Mapping


class KlineOrder:
    """Remembers the newest update of one symbol and interval."""

    def __init__(self) -> None:
        self._newest: tuple[object, ...] = ()
        self._kline: Mapping[str, object] = {}

    def advances(self, kline: Mapping[str, object]) -> bool:
        """Whether a sound ``k`` mapping tells more than all before; if so it is remembered."""
        place = (kline["t"], kline["x"], kline["n"])
        if place < self._newest or kline == self._kline:
            return False
        if place[:2] == self._newest[:2] and kline["x"]:
            return False
        self._newest, self._kline = place, kline
        return True

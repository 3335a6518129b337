"""What a fault has cost: bars without a decision, rows that were there, candles that are wrong."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from core.data.candle_file import CorruptFileError, read_candles
from core.model.candles import VALUE_COLUMNS
from core.model.intervals import MINUTE_MS, Interval
from tests.faults.chaos.victim import ChaosError, Victim

_KEYS = {
    "decisions": "symbol, interval, open_time_ms, strategy",
    "signals": "id, symbol, open_time_ms",
    "trades": "id, symbol, open_time_ms, source",
}
_DOWN = "SELECT count(*) FROM decisions WHERE outcome = 'engine_down'"
_BARS = "SELECT symbol, open_time_ms FROM decisions ORDER BY symbol, open_time_ms"
_UNTRADED = "SELECT count(*) FROM (SELECT id FROM signals EXCEPT SELECT signal_id FROM trades)"
_PAGE = 1_500


@dataclass(frozen=True)
class Losses:
    """
    What is gone for good; all zero when nothing is.

    Attributes:
        bars: Of a followed symbol, between its first decision and its last, without any row.
        rows: That were in the journal before and are not now, or signals without their trade.
        candles: In the files, that differ from those of the exchange, or lack between others.
    """

    bars: int = 0
    rows: int = 0
    candles: int = 0

    def __str__(self) -> str:
        told = [f"{getattr(self, f.name)} {f.name}" for f in fields(self) if getattr(self, f.name)]
        return ", ".join(told) or "nothing"

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))


class Ledger:
    """What the journal held when it was last looked at."""

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self._rows: dict[str, set[Any]] = {table: set() for table in _KEYS}
        self.note()

    def note(self) -> None:
        """Remember every row of now: each has to be there for ever."""
        self._rows = {table: self._keys(table) for table in _KEYS}

    @property
    def engine_down(self) -> int:
        """Bars that are told as missed, as no engine ran when they closed."""
        return int(self._victim.product.rows(_DOWN)[0][0])

    def losses(self) -> Losses:
        """Compare the journal with what was noted, and the files with the exchange."""
        gone = sum(len(rows - self._keys(table)) for table, rows in self._rows.items())
        untraded = int(self._victim.product.rows(_UNTRADED)[0][0])
        return Losses(self.undecided(), gone + untraded, wrong_candles(self._victim))

    def settled_losses(self) -> Losses:
        """What is lost for good: rows of bars that were missed may come a little later."""
        self._victim.until(lambda: not self.undecided(), "every bar has its row", given_up=True)
        return self.losses()

    def undecided(self) -> int:
        """Bars between two decisions of a symbol that have none."""
        seen: dict[str, list[int]] = {}
        for symbol, open_time_ms in self._victim.product.rows(_BARS):
            seen.setdefault(symbol, []).append(open_time_ms)
        return sum(
            len(set(range(times[0], times[-1], MINUTE_MS)).difference(times))
            for times in seen.values()
        )

    def _keys(self, table: str) -> set[Any]:
        return set(self._victim.product.rows(f"SELECT {_KEYS[table]} FROM {table}"))


def wrong_candles(victim: Victim) -> int:
    """Count the candles of all 1m files that are not those of the exchange."""
    return sum(
        _wrong(victim, path.name.partition("_")[0], path)
        for path in sorted(victim.home.cache.glob("*_1m_history.parquet"))
    )


def _wrong(victim: Victim, symbol: str, path: Path) -> int:
    try:
        series = read_candles(path, symbol, Interval.M1)
    except CorruptFileError as error:
        raise ChaosError(f"{path.name} is left damaged: {error}") from error
    times = series.open_time_ms.tolist()
    columns = [getattr(series, name).tolist() for name in VALUE_COLUMNS]
    ours = dict(zip(times, zip(*columns, strict=True), strict=True))
    theirs: dict[int, tuple[float, ...]] = {}
    start_ms = times[0]
    while start_ms <= times[-1]:
        asked = f"symbol={symbol}&interval=1m&startTime={start_ms}&limit={_PAGE}"
        rows = victim.exchange(f"/fapi/v1/klines?{asked}").body
        theirs |= {
            row[0]: (*map(float, row[1:6]), float(row[7]), row[8], float(row[9]), float(row[10]))
            for row in rows
        }
        if not rows:
            break
        start_ms = rows[-1][0] + MINUTE_MS
    wanted = range(times[0], times[-1] + 1, MINUTE_MS)
    return sum(not _same(ours.get(at), theirs.get(at)) for at in wanted)


def _same(ours: tuple[float, ...] | None, theirs: tuple[float, ...] | None) -> bool:
    if ours is None or theirs is None:
        return False
    return all(abs(a - b) <= 1e-9 * max(abs(a), abs(b)) for a, b in zip(ours, theirs, strict=True))

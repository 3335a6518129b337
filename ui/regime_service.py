"""What kind of market a page shows, whichever overlays are picked."""

import asyncio
from dataclasses import dataclass

import numpy as np

from core.indicators.regime import REGIMES, RegimeParams, RegimeSeries, regime_memory, regimes
from core.model.candles import CandleSeries
from core.model.regime import Regime
from ui.services import Services
from ui.view import View

_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class RegimeReading:
    """
    The regime at the newest closed candle, and what it was judged by.

    Attributes:
        regime: UNKNOWN where there are too few candles even for a guess.
        candles: For how many it has stood; at least so many where ``is_older``.
        is_settled: Whether more history would change nothing; else it is a first guess.
        seen, needed: Candles there are, and candles it takes to be settled.
        known_ms: Close of the newest candle; None before the first.
        adx, efficiency, slope_atr, volatility: As in `RegimeSeries`; None while unknown.
    """

    regime: Regime = Regime.UNKNOWN
    candles: int = 0
    is_older: bool = False
    is_settled: bool = False
    seen: int = 0
    needed: int = 0
    known_ms: int | None = None
    adx: float | None = None
    efficiency: float | None = None
    slope_atr: float | None = None
    volatility: float | None = None


class RegimeService:
    """Judge the market of a view once per closed candle, however many pages show it."""

    def __init__(self, services: Services, params: RegimeParams | None = None) -> None:
        self._store = services.store
        self._shown = services.settings.dashboard.candles_shown
        self._params = params or RegimeParams()
        self._known: dict[str, tuple[tuple[int, int], RegimeReading]] = {}

    async def reading(self, view: View) -> RegimeReading:
        """Return what is known now; reads in a thread, for candles may be in files."""
        candles = await asyncio.to_thread(
            self._store.candles,
            view.symbol,
            view.interval,
            limit=regime_memory(self._params) + 1 + self._shown,
        )
        newest_ms = int(candles.open_time_ms[-1]) if len(candles) else 0
        stamp = (newest_ms, len(candles))
        known = self._known.get(view.market)
        if known is None or known[0] != stamp:
            known = stamp, regime_reading(candles, self._params)
            self._known.pop(view.market, None)
            self._known[view.market] = known
            if len(self._known) > _MOST_KEPT:
                del self._known[next(iter(self._known))]
        return known[1]


def regime_reading(candles: CandleSeries, params: RegimeParams) -> RegimeReading:
    """Judge the newest of ``candles``."""
    needed = regime_memory(params) + 1
    if len(candles) == 0:
        return RegimeReading(needed=needed)
    found = regimes(candles.high, candles.low, candles.close, params)
    known_ms = candles.interval.close_time_ms(int(candles.open_time_ms[-1]))
    code = int(found.code[-1])
    if code < 0:
        return RegimeReading(seen=len(candles), needed=needed, known_ms=known_ms)
    run, is_older = _run(found)
    return RegimeReading(
        REGIMES[code],
        run,
        is_older,
        len(candles) >= needed,
        len(candles),
        needed,
        known_ms,
        *(
            float(measure[-1])
            for measure in (found.adx, found.efficiency, found.slope_atr, found.volatility)
        ),
    )


def _run(found: RegimeSeries) -> tuple[int, bool]:
    """Return how long the newest code has stood, and whether it may have stood longer."""
    known = found.code[found.code >= 0]
    other = np.flatnonzero(known != known[-1])
    return (known.size - 1 - int(other[-1]), False) if other.size else (known.size, True)

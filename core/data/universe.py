"""
What is followed: the engine's list, and the part of the market that is streamed besides.

Symbols are listed, run out and are settled while we stream; each `Universe.refresh` says
what that changes.
"""

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from core.config import Settings
from core.data.errors import RestError
from core.data.exchange_info import ExchangeInfo
from core.data.symbol_names import nearest_symbols
from core.data.universe_file import UniverseFile
from core.data.universe_members import members
from core.model.instrument import Instrument

logger = logging.getLogger(__name__)

_NAMED = 5
_NOTHING = ExchangeInfo(MappingProxyType({}), MappingProxyType({}), None)


class UniverseRest(Protocol):
    """What knows the market: a `BinanceRest`."""

    async def exchange_info(self) -> ExchangeInfo:
        """Return the trading rules of every symbol."""

    async def quote_volumes(self) -> dict[str, float]:
        """Return what was traded in 24 h by symbol, in quote currency."""


@dataclass(frozen=True, slots=True)
class Changes:
    """
    What a refresh changed.

    Attributes:
        added: Followed from now on.
        removed: Followed no more.
        notes: A line for people on each, and on symbols whose state changed.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    notes: tuple[str, ...]


class Universe:
    """
    The symbols to follow, and what the exchange says of each.

    Args:
        settings: Whose ``symbols`` and ``universe`` are followed.
        rest: Asked by `refresh`.
        cache: File of the last known members; None keeps none.
    """

    def __init__(self, settings: Settings, rest: UniverseRest, *, cache: Path | None) -> None:
        self._listed = settings.symbols
        self._wanted = settings.universe
        self._rest = rest
        self._file = (
            UniverseFile(cache, settings.exchange.rest_url, settings.universe)
            if cache is not None and settings.universe is not None
            else None
        )
        self._members = self._file.read() if self._file is not None else ()
        self._info = _NOTHING
        self._volumes: dict[str, float] = {}
        self._unknown: Mapping[str, tuple[str, ...]] = MappingProxyType({})
        self._faults: dict[str, str] = {}
        self._symbols = self._followed()

    @property
    def symbols(self) -> tuple[str, ...]:
        """
        What is followed, the engine's list first, the others by volume.

        Before the first refresh the list as configured, and the members last known.
        """
        return self._symbols

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Trading rules of every symbol of the exchange; empty before the first refresh."""
        return self._info.instruments

    @property
    def refused(self) -> Mapping[str, str]:
        """Symbols whose rules cannot be used, and why."""
        return self._info.refused

    @property
    def market_label(self) -> str | None:
        """What a simulator calls its market; None on a real exchange."""
        return self._info.market_label

    @property
    def unknown(self) -> Mapping[str, tuple[str, ...]]:
        """Configured symbols that the exchange does not list, with the nearest it does."""
        return self._unknown

    def tradable(self, symbol: str) -> bool:
        """Whether the exchange takes orders now; before it was asked, nothing speaks against."""
        if self._info is _NOTHING:
            return True
        instrument = self._info.instruments.get(symbol)
        return instrument is not None and instrument.is_trading

    async def refresh(self) -> Changes:
        """
        Ask the exchange anew.

        Raises:
            RestError: If it fails, or lists nothing; everything is then as before.
        """
        info = await self._rest.exchange_info()
        if not info.instruments:
            raise RestError(f"exchangeInfo: no usable symbol, {len(info.refused)} refused")
        if self._wanted is not None and self._wanted.top_by_volume is not None:
            # One that is missing from an answer keeps the volume it had.
            self._volumes |= await self._rest.quote_volumes()
        known, before, quiet = self._info, self._symbols, not self._members
        self._take(info)
        await self._save()
        added = tuple(s for s in self._symbols if s not in set(before))
        removed = tuple(s for s in before if s not in set(self._symbols))
        # Without members to compare with, only what is wrong is told, not all that is followed.
        notes = [] if quiet else [f"{symbol} is followed now" for symbol in added]
        notes.extend(self._news(added, before, removed))
        if info.refused and info.refused != known.refused:
            notes.append(_refusals(info.refused))
        return Changes(added, removed, tuple(notes))

    def _take(self, info: ExchangeInfo) -> None:
        self._info = info
        trading = [i.symbol for i in info.instruments.values() if i.is_trading and i.is_perpetual]
        self._unknown = MappingProxyType(
            {
                symbol: nearest_symbols(symbol, trading)
                for symbol in self._listed
                if symbol not in info.instruments and symbol not in info.refused
            }
        )
        if self._wanted is not None:
            self._members = members(self._wanted, info.instruments, self._volumes, self._members)
        self._symbols = self._followed()

    def _followed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*filter(self._is_alive, self._listed), *self._members)))

    def _is_alive(self, symbol: str) -> bool:
        instrument = self._info.instruments.get(symbol)
        if instrument is None:
            return symbol not in self._unknown
        return instrument.has_market

    def _news(
        self, added: Sequence[str], before: Sequence[str], removed: Collection[str]
    ) -> Iterator[str]:
        faults = {s: self._fault(s) for s in dict.fromkeys((*self._listed, *before, *added))}
        for symbol, fault in faults.items():
            if symbol in removed:
                yield f"{symbol} is followed no more: {fault or 'its volume fell behind'}"
            elif fault != self._faults.get(symbol, ""):
                yield f"{symbol}: {fault or 'trades as usual'}"
        self._faults = faults

    def _fault(self, symbol: str) -> str:
        """Say what is not as usual with a symbol; empty when nothing is."""
        instrument = self._info.instruments.get(symbol)
        if instrument is None:
            return self._absence(symbol)
        if not instrument.is_trading:
            return f"the exchange says {instrument.status}"
        if instrument.is_perpetual and instrument.delivery_ms is not None:
            end = datetime.fromtimestamp(instrument.delivery_ms / 1000, UTC)
            return f"will be settled for good at {end:%Y-%m-%d %H:%M} UTC"
        return ""

    def _absence(self, symbol: str) -> str:
        if symbol in self._info.refused:
            return f"its rules cannot be used: {self._info.refused[symbol]}"
        nearest = ", ".join(self._unknown.get(symbol, ()))
        return "the exchange does not list it" + (f"; did you mean {nearest}?" if nearest else "")

    async def _save(self) -> None:
        if self._file is None:
            return
        try:
            await asyncio.to_thread(self._file.write, self._members)
        except OSError as error:
            logger.warning("universe not saved: reason=%s", error)


def _refusals(refused: Mapping[str, str]) -> str:
    named = "; ".join(f"{symbol}: {reason}" for symbol, reason in islice(refused.items(), _NAMED))
    return f"rules of {len(refused)} symbols cannot be used: {named}"

"""Parquet candles from disk into integer minutes; a file that cannot be used is named."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.model.candles import FloatArray
from core.simulator.bars import MINUTE_MS
from core.simulator.errors import SimulatorError
from core.simulator.listings import Listing, listing
from core.simulator.seconds import DAY_MINUTES, IntArray

_NAME = re.compile(r"(?P<symbol>[^_]+(?:_\d{6})?)_1m(?:_.*)?\.parquet")
_PRICES = ("open", "high", "low", "close")
_REQUIRED = ("open_time", *_PRICES, "volume")
_TAKER = ("taker_buy_volume", "taker_buy_quote_volume")
_MOST_DECIMALS = 8
_LARGEST_UNITS = 2.0**63
_PRICE_LEAD = 4  # decimals that prices keep longer than volumes do


@dataclass(frozen=True, slots=True, eq=False)
class RecordedMinutes:
    """
    The 1m candles of one file as contiguous integer columns, shape ``(n,)``.

    Minutes the file lacks are flat and without volume, as the exchange writes them. What
    is None was not recorded.
    """

    listing: Listing
    first_ms: int
    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    volume: IntArray
    quote: IntArray | None
    trades: IntArray | None
    buy: IntArray | None
    buy_quote: IntArray | None

    @property
    def end_ms(self) -> int:
        """First instant after the last candle."""
        return self.first_ms + int(self.open.size) * MINUTE_MS

    @property
    def whole_flow(self) -> bool:
        """Whether nothing about the volumes has to be invented."""
        flow = (self.quote, self.trades, self.buy, self.buy_quote)
        return all(column is not None for column in flow)


def recorded(path: Path) -> tuple[RecordedMinutes, ...]:
    """
    Read a 1m file, or every 1m file of a folder; other intervals are left alone.

    Raises:
        SimulatorError: If there is no 1m file, two are of one symbol, or one is not
            Parquet, lacks a column, is empty, out of order or holds impossible candles.
    """
    if not path.exists():
        raise SimulatorError(f"{path}: no such file or folder to replay")
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    named = [(match["symbol"], file) for file in files if (match := _NAME.fullmatch(file.name))]
    if not named:
        raise SimulatorError(f"{path}: no 1m candles (a file named SYMBOL_1m_....parquet)")
    symbols = [symbol for symbol, _ in named]
    for symbol, file in named:
        if symbols.count(symbol) > 1:
            raise SimulatorError(f"{file}: another file of the folder holds {symbol} as well")
    return tuple(_read(symbol, file) for symbol, file in named)


def _read(symbol: str, file: Path) -> RecordedMinutes:
    columns = _columns(file)
    times = columns["open_time"]
    if times.size == 0:
        raise SimulatorError(f"{file}: holds no candles")
    if bool(np.any(np.mod(times, MINUTE_MS))) or bool(np.any(np.diff(times) <= 0)):
        raise SimulatorError(f"{file}: open_time must increase in whole minutes (ms)")
    _check(file, columns)
    rows = ((times - times[0]) / MINUTE_MS).astype(np.int64)
    if int(rows[-1]) > 4 * times.size + 20_000:
        raise SimulatorError(f"{file}: more holes than candles")
    return _assemble(_listing(symbol, file, columns), columns, rows)


def _columns(file: Path) -> dict[str, FloatArray]:
    try:
        table = pq.read_table(file)
        missing = [name for name in _REQUIRED if name not in table.column_names]
        if missing:
            raise SimulatorError(f"{file}: no column {', '.join(missing)}")
        wanted = (*_REQUIRED, "quote_volume", "trades", *_TAKER)
        present = [name for name in wanted if name in table.column_names]
        return {n: table[n].cast(pa.float64(), safe=False).to_numpy() for n in present}
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise SimulatorError(f"{file}: not Parquet candles: {reason}") from error


def _check(file: Path, columns: dict[str, FloatArray]) -> None:
    open_, high, low, close = (columns[name] for name in _PRICES)
    bad = (low <= 0.0) | (low > np.minimum(open_, close)) | (high < np.maximum(open_, close))
    for name, column in columns.items():
        bad |= ~np.isfinite(column) | ((column < 0.0) if name not in _PRICES else False)
    for part, whole in zip(_TAKER, ("volume", "quote_volume"), strict=True):
        if part in columns and whole in columns:
            bad |= columns[part] > columns[whole] * (1.0 + 1e-9)
    if bool(bad.any()):
        at = int(np.argmax(bad))
        raise SimulatorError(
            f"{file}: impossible candle at open_time {columns['open_time'][at]:.0f}"
        )


def _listing(symbol: str, file: Path, columns: dict[str, FloatArray]) -> Listing:
    """Take precision from the known listing where it can write the file, else from the data."""
    usual = listing(symbol)
    prices = np.concatenate([columns[name] for name in _PRICES])
    notional = columns["volume"] * columns["close"]
    price_decimals, quantity_decimals = _fitting(
        max(_decimals(prices), usual.price_decimals),
        max(_decimals(columns["volume"]), usual.quantity_decimals),
        float((columns["volume"] * columns["high"]).max()),
    )
    if float(prices.min()) * 10.0**price_decimals < 1.0:
        raise SimulatorError(f"{file}: price {prices.min()} is too small to be written")
    return Listing(
        symbol,
        price_decimals=price_decimals,
        tick_units=10 ** max(price_decimals - _decimals(prices), 0),
        quantity_decimals=quantity_decimals,
        typical_price=float(np.median(columns["close"])),
        minute_notional=max(float(np.median(notional)), 1.0),
        min_notional=usual.min_notional,
    )


def _fitting(price_decimals: int, quantity_decimals: int, largest: float) -> tuple[int, int]:
    """Round unrounded data until a day of the largest minutes fits into an int64."""
    while largest * DAY_MINUTES * 10.0 ** (price_decimals + quantity_decimals) > _LARGEST_UNITS:
        if quantity_decimals >= price_decimals - _PRICE_LEAD:
            quantity_decimals -= 1
        else:
            price_decimals -= 1
    return max(price_decimals, 0), max(quantity_decimals, 0)


def _decimals(values: FloatArray) -> int:
    """Fewest decimals that write every value, apart from the noise of float64."""
    for decimals in range(_MOST_DECIMALS):
        scaled = values * 10.0**decimals
        noise = 1e-6 + 4.0 * np.spacing(scaled)
        if bool(np.all(np.abs(scaled - np.rint(scaled)) <= noise)):
            return decimals
    return _MOST_DECIMALS


def _assemble(traded: Listing, columns: dict[str, FloatArray], rows: IntArray) -> RecordedMinutes:
    size = int(rows[-1]) + 1
    held = np.zeros(size, dtype=np.int64)
    held[rows] = np.arange(rows.size)
    held = np.maximum.accumulate(held)  # the newest recorded minute, for each minute
    absent = np.ones(size, dtype=bool)
    absent[rows] = False

    def units(name: str, decimals: int) -> IntArray:
        return np.rint(columns[name] * 10.0**decimals).astype(np.int64)[held]

    def flow(name: str, decimals: int) -> IntArray | None:
        if name not in columns:
            return None
        return np.where(absent, 0, units(name, decimals))

    close = units("close", traded.price_decimals)
    prices = {name: np.where(absent, close, units(name, traded.price_decimals)) for name in _PRICES}
    volume = np.where(absent, 0, units("volume", traded.quantity_decimals))
    return RecordedMinutes(
        listing=traded,
        first_ms=int(columns["open_time"][0]),
        **prices,
        volume=volume,
        quote=flow("quote_volume", traded.quote_decimals),
        trades=flow("trades", 0),
        buy=flow("taker_buy_volume", traded.quantity_decimals),
        buy_quote=flow("taker_buy_quote_volume", traded.quote_decimals),
    )

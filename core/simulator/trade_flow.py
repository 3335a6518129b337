"""Who traded how much in each second of a generated day."""

import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray
from core.simulator.listings import Listing
from core.simulator.price_path import BASE_SIGMA, DayPath
from core.simulator.seconds import DAY_MINUTES, DAY_S, MINUTE_S, IntArray, Seconds

_SHAPE = (DAY_MINUTES, MINUTE_S)
_QUIET = -1.25  # seconds whose volume noise is lower have no trade: about one in ten
_TRADE_NOTIONAL_SHARE = 1 / 1_500  # one trade's part of an ordinary minute


def traded(random: np.random.Generator, path: DayPath, listing: Listing) -> Seconds:
    """Turn a path into prices on the tick and into quantities bought and sold."""
    scale = 10**listing.price_decimals / listing.tick_units
    price = np.rint(np.exp(path.log_price) * scale).astype(np.int64)
    price = np.maximum(price, 1) * listing.tick_units
    volume = _volume(random, path, listing)
    buy = np.rint(volume * _buy_share(random, path.shock)).astype(np.int64).reshape(-1)
    volume = volume.reshape(-1)
    price = price[_last_traded(volume)]
    return Seconds(price, buy, volume - buy, _trades(volume, buy, listing))


def _volume(random: np.random.Generator, path: DayPath, listing: Listing) -> IntArray:
    """More when the market moves and when Europe and America are awake; bursts."""
    hour = np.arange(DAY_MINUTES) / 60.0
    awake = 1.0 + 0.35 * np.cos(2.0 * np.pi * (hour - 15.0) / 24.0)
    minute = awake * (path.sigma / BASE_SIGMA) ** 1.3 * random.lognormal(-0.06, 0.35, DAY_MINUTES)
    noise = random.standard_normal(_SHAPE, dtype=np.float32)
    burst = np.abs(path.shock, dtype=np.float32)
    burst *= 0.45
    burst += 0.30
    burst *= np.exp(0.85 * noise)
    burst *= (minute * _minute_units(listing) / MINUTE_S).astype(np.float32)[:, None]
    burst[noise < _QUIET] = 0.0
    volume: IntArray = np.ceil(burst).astype(np.int64)
    volume[:, 0] = np.maximum(volume[:, 0], 1)  # a minute opens with a trade
    return volume


def _buy_share(random: np.random.Generator, shock: FloatArray) -> npt.NDArray[np.float32]:
    """Takers lean where the price goes; some minutes lean by themselves."""
    share = random.random(_SHAPE, dtype=np.float32)
    share *= 0.2
    share += (0.4 + 0.05 * random.standard_normal(DAY_MINUTES)).astype(np.float32)[:, None]
    share += 0.25 * np.tanh(shock, dtype=np.float32)
    return np.clip(share, 0.02, 0.98, out=share)


def _trades(volume: IntArray, buy: IntArray, listing: Listing) -> IntArray:
    """At least one trade for each side that traded, more with volume."""
    size = max(_minute_units(listing) * _TRADE_NOTIONAL_SHARE, 1.0)
    sides = (buy > 0).astype(np.int64) + (volume > buy)
    count: IntArray = np.minimum((volume / size).astype(np.int64), volume)
    return np.maximum(sides, count)


def _minute_units(listing: Listing) -> float:
    """Quantity of an ordinary minute, in quantity units."""
    units = listing.minute_notional / listing.typical_price * 10**listing.quantity_decimals
    return float(units)


def _last_traded(volume: IntArray) -> npt.NDArray[np.int32]:
    """Index of the newest second with volume, for each second."""
    index = np.arange(DAY_S, dtype=np.int32)
    index[volume == 0] = 0
    return np.maximum.accumulate(index, out=index)

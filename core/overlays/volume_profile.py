"""Volume by price beside the candles that are shown."""

import math
from dataclasses import dataclass

from core.indicators.volume_profile import round_grid, spread_volume, value_area
from core.model.candles import CandleSeries
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Profile, Shape

_PER_CENT = 100.0


@dataclass(frozen=True, slots=True)
class VolumeProfileParams(Bounded):
    """Of the stretch and its buckets."""

    candles: int = parameter(300, 10, 1000, "candles", "where no range is shown: the newest")
    buckets: int = parameter(60, 10, 300, "buckets", "at most, over the range of prices")
    value_area_pct: float = parameter(70.0, 10.0, 100.0, "%", "of the volume in the value area")


def volume_profile_shapes(view: MarketView, params: VolumeProfileParams) -> tuple[Shape, ...]:
    """Return the profile of the shown candles that have closed; nothing where none has."""
    shown = view.shown_ms
    stretch = view.candles.tail(params.candles) if shown is None else view.candles.between(*shown)
    return (_profile(stretch, params),) if len(stretch) else ()


def _profile(candles: CandleSeries, params: VolumeProfileParams) -> Profile:
    grid = round_grid(float(candles.low.min()), float(candles.high.max()), params.buckets)
    volume, buy_volume = spread_volume(candles, grid)
    price = grid.lower_edges
    area = value_area(volume, params.value_area_pct / _PER_CENT)
    return Profile(
        "Volume profile",
        from_ms=int(candles.open_time_ms[0]),
        confirmed_ms=candles.interval.close_time_ms(int(candles.open_time_ms[-1])),
        width=grid.width,
        price=price,
        volume=volume,
        buy_volume=buy_volume,
        point_of_control=float(price[area.heaviest]) + grid.width / 2.0 if area else math.nan,
        value_low=float(price[area.first]) if area else math.nan,
        value_high=float(price[area.last]) + grid.width if area else math.nan,
    )


OVERLAY = Overlay(
    key="volume_profile",
    title="Volume Profile",
    pane=Pane.PRICE,
    group=Group.VOLUME,
    explanation=(
        "How much was traded at which price in the candles that are shown. Prices are cut "
        "into at most 60 buckets of a round height, and each candle's volume is spread "
        "evenly from its low to its high, taker buys likewise; single trades are not used, so "
        "it is an estimate that is better the shorter the candles are. The point of control "
        "is the bucket with the most volume, the value area grows from there until it holds "
        "70 % of all. Prices within it were accepted, prices with little volume were passed "
        "quickly. It belongs to the shown range and is known when the last candle in it has "
        "closed; with another range it is another profile."
    ),
    source="J. P. Steidlmayer's Market Profile by volume; value area as in QuantConnect Lean",
    defaults=VolumeProfileParams(),
    compute=volume_profile_shapes,
    warm_up_candles=lambda params, interval: params.candles - 1,
)

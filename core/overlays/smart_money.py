"""Smart-money structure on the chart: swings, breaks of them, fair value gaps, order blocks."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.indicators.candle_ranges import CandleRanges
from core.indicators.fair_value_gaps import fair_value_gaps, joined_gaps
from core.indicators.market_structure import (
    StructureBreaks,
    StructureRules,
    structure_breaks,
    whole_swings,
)
from core.indicators.order_blocks import order_blocks
from core.indicators.price_zones import (
    PriceZones,
    ZoneLives,
    first_close_through,
    first_touch,
    zone_lives,
)
from core.indicators.range_extremes import NEVER
from core.indicators.structure_state import (
    BLOCK_DOWN,
    BLOCK_UP,
    BREAK_DOWN,
    BREAK_UP,
    GAP_DOWN,
    GAP_UP,
    TURN_DOWN,
    TURN_UP,
)
from core.indicators.swings import RowArray
from core.indicators.volatility import atr
from core.model.candles import CandleSeries, FloatArray, TimeArray
from core.model.events import NEVER_MS, Look, Markers, Zones
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Shape

_ATR_CANDLES = 14
"""Wilder's own choice."""
_ATR_MEMORY = 36 * _ATR_CANDLES
"""After 36 periods the first value of Wilder's average weighs 6e-17: less than rounding."""


@dataclass(frozen=True, slots=True)
class SmartMoneyParams(Bounded):
    """Of structure; the upper bounds keep the warm-up within `LONGEST_WARM_UP`."""

    strength: int = parameter(5, 2, 20, "candles", "on each side that a swing stands out from")
    level_candles: int = parameter(
        300, 20, 360, "candles", "after which a swing can no longer be broken"
    )
    memory_candles: int = parameter(
        400, 20, 500, "candles", "after which the next break is no change of character"
    )
    zone_candles: int = parameter(
        500, 20, 900, "candles", "after which a gap or an order block expires"
    )
    join_gaps: int = parameter(1, 1, 12, "gaps", "at successive candles that become one")
    smallest_gap_atr: float = parameter(
        0.0, 0.0, 5.0, "ATR", "height below which a gap is left out"
    )


def smart_money_shapes(view: MarketView, params: SmartMoneyParams) -> tuple[Shape, ...]:
    """Return swings, breaks, fair value gaps and order blocks, each kind with those up first."""
    candles = view.candles
    rules = StructureRules(params.strength, params.level_candles, params.memory_candles)
    swings = whole_swings(candles, params.strength)
    longest = max(params.zone_candles, params.level_candles + params.strength)
    ranges = CandleRanges(candles, longest)
    breaks = structure_breaks(candles, swings, rules, ranges)
    gaps, swallowed = joined_gaps(_gaps(candles, params), params.join_gaps)
    touched = first_touch(gaps, ranges, params.zone_candles)
    gap_lives = zone_lives(
        gaps,
        params.zone_candles,
        len(candles),
        endings={"mitigated": touched, "joined": swallowed},
        visits={},
    )
    return (
        _swing("Swing high", candles, swings[0], candles.high, side=-1, after=params.strength),
        _swing("Swing low", candles, swings[1], candles.low, side=1, after=params.strength),
        *_breaks(candles, breaks),
        *_zones((GAP_UP, GAP_DOWN), candles, gaps, gap_lives),
        *_blocks(candles, breaks, ranges, params.zone_candles),
    )


def _gaps(candles: CandleSeries, params: SmartMoneyParams) -> PriceZones:
    gaps = fair_value_gaps(candles)
    if params.smallest_gap_atr == 0.0:
        return gaps
    # Where the ATR is not known yet, nothing is left out: that lies within the warm-up.
    true_range = atr(candles.high, candles.low, candles.close, _ATR_CANDLES)
    least = params.smallest_gap_atr * true_range[gaps.confirmed_row]
    return gaps.rows(~(gaps.high - gaps.low < least))


def _swing(
    name: str,
    candles: CandleSeries,
    rows: RowArray,
    price: FloatArray,
    *,
    side: int,
    after: int,
) -> Markers:
    return Markers(
        name,
        Look.DOT,
        side=np.full(rows.size, side, dtype=np.int8),
        at_ms=candles.open_time_ms[rows],
        confirmed_ms=_close_ms(candles, rows + after),
        price=price[rows],
    )


def _breaks(candles: CandleSeries, breaks: StructureBreaks) -> tuple[Markers, ...]:
    up, turns = breaks.side > 0, breaks.turns
    at_ms = candles.open_time_ms[breaks.row]
    close_ms = at_ms + (candles.interval.duration_ms - 1)
    from_ms = candles.open_time_ms[breaks.swing_row]
    return tuple(
        Markers(
            name,
            Look.LEVEL,
            side=breaks.side[where],
            at_ms=at_ms[where],
            confirmed_ms=close_ms[where],
            price=breaks.level[where],
            from_ms=from_ms[where],
        )
        for name, where in (
            (BREAK_UP, up & ~turns),
            (BREAK_DOWN, ~(up | turns)),
            (TURN_UP, up & turns),
            (TURN_DOWN, turns & ~up),
        )
    )


def _blocks(
    candles: CandleSeries, breaks: StructureBreaks, ranges: CandleRanges, life: int
) -> tuple[Zones, Zones]:
    blocks = order_blocks(candles, breaks, ranges)
    lives = zone_lives(
        blocks,
        life,
        len(candles),
        endings={"broken": first_close_through(blocks, ranges, life)},
        visits={"mitigated": first_touch(blocks, ranges, life)},
    )
    return _zones((BLOCK_UP, BLOCK_DOWN), candles, blocks, lives)


def _zones(
    names: tuple[str, str], candles: CandleSeries, zones: PriceZones, lives: ZoneLives
) -> tuple[Zones, Zones]:
    from_ms = candles.open_time_ms[zones.from_row]
    confirmed_ms = _close_ms(candles, zones.confirmed_row)
    ended_ms = _moment_ms(candles, lives.ended_row)
    events = {event: _moment_ms(candles, row) for event, row in lives.events.items()}

    def table(name: str, rows: RowArray) -> Zones:
        return Zones(
            name,
            zones.side[rows],
            from_ms[rows],
            confirmed_ms[rows],
            ended_ms[rows],
            zones.low[rows],
            zones.high[rows],
            zones.strength[rows],
            MappingProxyType({event: at_ms[rows] for event, at_ms in events.items()}),
        )

    up = zones.side > 0
    return table(names[0], up.nonzero()[0]), table(names[1], (~up).nonzero()[0])


def _close_ms(candles: CandleSeries, rows: RowArray) -> TimeArray:
    return candles.open_time_ms[rows] + (candles.interval.duration_ms - 1)


def _moment_ms(candles: CandleSeries, rows: RowArray) -> TimeArray:
    return np.where(rows == NEVER, NEVER_MS, _close_ms(candles, rows))


def _warm_up(params: SmartMoneyParams, interval: Interval) -> int:
    """
    Candles before a row after which the row's events, and all zones alive there, are settled.

    A break reaches back to its swing; whether it is a change of character, to the break
    before it; the last one remembered lies another memory back. A gap reaches back to those
    it is joined with and, where small ones are left out, to the average true range.
    """
    swing = params.level_candles + 2 * params.strength
    last_break = 2 * params.memory_candles + swing
    gap = params.join_gaps + 2 + (_ATR_MEMORY if params.smallest_gap_atr > 0.0 else 0)
    return max(last_break, params.zone_candles + max(swing, gap))


OVERLAY = Overlay(
    key="smart_money",
    title="Smart-money structure",
    pane=Pane.PRICE,
    group=Group.STRUCTURE,
    explanation=(
        "A swing is a candle whose high (low) stands out from the candles on both sides of it; "
        "it is drawn there, but known only that many candles later. A close beyond the newest "
        "known swing breaks structure: BOS where the break before it went the same way, CHoCH "
        "(change of character) where it went the other way; either is known at that close and "
        "drawn from the swing. A fair value gap (FVG) is what a candle ran through without its "
        "two neighbours meeting; it is known when the third candle closes, and is mitigated, and "
        "ends, when price first trades back at its near edge. An order block is the last candle "
        "against a move that then broke structure, from wick to wick; it is known at that break, "
        "mitigated when price first comes back, and ends when a close passes its far edge. Gaps "
        "and blocks expire after a number of candles, and nothing is joined across a hole in the "
        "data. These are descriptions of past prices, not orders anyone is known to hold; every "
        "strong move leaves some of them, and most gaps are mitigated within a few candles."
    ),
    source=(
        "Vocabulary of M. Huddleston (ICT). Gaps, their edges and their mitigation as in the "
        "Python package smartmoneyconcepts, one candle later. Swings, breaks and blocks differ "
        "from it: there they are written, removed and renamed with hindsight, here a break "
        "refers to the newest known swing and stands"
    ),
    defaults=SmartMoneyParams(),
    compute=smart_money_shapes,
    warm_up_candles=_warm_up,
)

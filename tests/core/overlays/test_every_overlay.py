"""
The contract every overlay keeps; a new overlay is covered the day it appears.

To try one alone: ``pytest tests/core/overlays/test_every_overlay.py -k ema``.
"""

from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest

from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP, Group, Pane
from core.model.parameters import parameters
from core.model.shapes import Band, Bars, Line, Ribbon
from core.overlays import companions, load_overlays, warm_up_candles
from tests.builders import START_MS, candles, random_walk
from tests.core.overlays.contract import (
    assert_nothing_repaints,
    assert_possible,
    assert_the_start_does_not_matter,
    drawn,
    warm_up,
)
from tests.core.overlays.markets import generated, holed, real, view_of
from tests.core.real_markets import needs_recordings

every_overlay = pytest.mark.parametrize("overlay", load_overlays().values(), ids=attrgetter("key"))
every_interval = pytest.mark.parametrize("interval", list(Interval), ids=str)
# Fine candles of a file, the interval shown, rows shown, every which of the newest prefixes.
# The other intervals are folded from the fine ones.
FILES = [
    ("BTCUSDT", Interval.M1, 20_000, Interval.M1, 1_200, 3),
    ("SOLUSDT", Interval.M1, 40_000, Interval.M5, 700, 4),
    ("ETHUSDT", Interval.M15, 3_600, Interval.M15, 600, 3),
    ("XRPUSDT", Interval.M1, 70_000, Interval.H1, 450, 4),
]
EACH_PREFIX = [pytest.param(*file[:-1], 1, marks=pytest.mark.soak) for file in FILES]
NEWEST = 250


def prefixes(n, step=1):
    """The first hundred lengths of a view, and the newest `NEWEST`."""
    return [*range(100), *range(max(n - NEWEST, 100), n, step)]


def extremes(overlay):
    """The defaults with each parameter at each of its bounds, and with all at one end."""
    declared = parameters(overlay.defaults)
    changes = [{p.name: bound} for p in declared for bound in (p.low, p.high)]
    changes += [{p.name: p.low for p in declared}, {p.name: p.high for p in declared}]
    found = []
    for change in changes:
        try:
            found.append(replace(overlay.defaults, **change))
        except ValueError:  # such as a fast average slower than the slow one
            continue
    return found


@every_overlay
@pytest.mark.parametrize(
    ("seed", "step"), [(1, 3), (2, 5), pytest.param(1, 1, marks=pytest.mark.soak)]
)
def test_no_prefix_of_a_generated_market_is_repainted(overlay, seed, step):
    view = view_of(generated(seed), Interval.M1, 800)
    assert_nothing_repaints(overlay, view, prefixes(800, step))


@every_overlay
@pytest.mark.parametrize("interval", [Interval.M15, Interval.H4, Interval.D1], ids=str)
def test_no_prefix_of_another_interval_is_repainted(overlay, interval):
    view = view_of(generated(3), interval, 360)
    assert_nothing_repaints(overlay, view, range(len(view.candles) % 4, len(view.candles), 4))


@every_overlay
@needs_recordings
@pytest.mark.parametrize(
    ("symbol", "fine", "of_file", "shown", "rows", "step"), FILES + EACH_PREFIX, ids=str
)
def test_no_prefix_of_a_recorded_market_is_repainted(
    overlay, symbol, fine, of_file, shown, rows, step
):
    view = view_of(real(symbol, fine, of_file), shown, rows)
    n = len(view.candles)
    assert_nothing_repaints(overlay, view, range(n - NEWEST, n, step))


@every_overlay
def test_a_market_with_holes_is_not_repainted(overlay):
    view = view_of(holed(5), Interval.M1, 900)
    assert_nothing_repaints(overlay, view, prefixes(900, 4))


@every_overlay
def test_no_prefix_is_repainted_with_the_most_extreme_parameters(overlay):
    view = view_of(generated(1), Interval.M1, 600)
    for params in extremes(overlay):
        assert_nothing_repaints(overlay, view, range(3, 600, 61), params)


@every_overlay
@every_interval
def test_where_a_generated_market_begins_does_not_matter(overlay, interval):
    warm = warm_up(overlay, interval)
    whole = random_walk(warm + 320, interval=interval, start_ms=START_MS - 7 * interval.duration_ms)
    view = view_of(whole, interval, len(whole))
    short = [(start, start + warm + 1 + start % 23) for start in range(1, 290, 17)]
    long = [(start, len(whole)) for start in (2, 11, 290)]
    assert_the_start_does_not_matter(overlay, view, short + long)


@every_overlay
@needs_recordings
@pytest.mark.parametrize(("symbol", "fine", "of_file", "shown", "rows", "step"), FILES[:3], ids=str)
def test_where_a_recorded_market_begins_does_not_matter(
    overlay, symbol, fine, of_file, shown, rows, step
):
    fine_candles = real(symbol, fine, of_file)
    warm = warm_up(overlay, shown)
    view = view_of(fine_candles, shown, rows := warm + 700)
    short = [(start, start + warm + 1 + start % 29) for start in range(1, 670, 31)]
    assert_the_start_does_not_matter(overlay, view, [*short, (1, rows), (350, rows)])


@every_overlay
def test_where_a_market_with_holes_begins_does_not_matter(overlay):
    warm = warm_up(overlay, Interval.M1)
    view = view_of(holed(5), Interval.M1, rows := warm + 1_400)
    windows = [(start, start + warm + 1 + start % 37) for start in range(1, 1_360, 83)]
    assert_the_start_does_not_matter(overlay, view, [*windows, (700, rows)])


@every_overlay
def test_beginning_at_or_around_midnight_does_not_matter(overlay):
    warm = warm_up(overlay, Interval.M1)
    view = view_of(generated(2), Interval.M1, warm + 3_000)
    times = view.candles.open_time_ms
    midnight = int(np.flatnonzero(times % Interval.D1.duration_ms == 0)[0])
    begins = [midnight + shift for shift in (-2, -1, 0, 1, 2)]
    begins += [start for shift in (-1, 0, 1) if (start := midnight + 1440 - warm + shift) >= 0]
    windows = [(start, start + warm + 20) for start in begins]
    assert_the_start_does_not_matter(overlay, view, windows)


@every_overlay
def test_where_a_market_begins_does_not_matter_with_the_most_extreme_parameters(overlay):
    view = view_of(generated(1), Interval.M1, LONGEST_WARM_UP + 200)
    for params in extremes(overlay):
        warm = warm_up(overlay, Interval.M1, params)
        windows = [(start, start + warm + 40) for start in (1, 53, 120)]
        assert_the_start_does_not_matter(overlay, view, windows, params)


@every_overlay
def test_no_warm_up_is_longer_than_what_is_kept_in_memory(overlay):
    for params in [overlay.defaults, *extremes(overlay)]:
        for interval in Interval:
            assert 0 <= warm_up(overlay, interval, params) <= LONGEST_WARM_UP, (interval, params)


@every_overlay
@every_interval
def test_what_is_drawn_is_possible_and_known_when_it_says(overlay, interval):
    view = view_of(generated(4), interval, 1_200)
    assert_possible(drawn(overlay, view), view)


@every_overlay
def test_each_extreme_of_the_parameters_can_be_drawn(overlay):
    view = view_of(generated(4), Interval.M5, 900)
    for params in extremes(overlay):
        assert_possible(drawn(overlay, view, params), view)


@every_overlay
@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("alone", [False, True])
def test_overlay_survives_short_history(overlay, n, alone):
    whole = view_of(generated(1), Interval.M1, 3)
    view = MarketView(whole.candles.head(n)) if alone else whole.head(n)
    assert_possible(drawn(overlay, view), view)


@every_overlay
@pytest.mark.parametrize("price", [1e-8, 1.0, 1e6])
def test_overlay_survives_a_flat_market_without_volume(overlay, price):
    flat = candles(np.full(600, price))
    nothing = {
        name: np.zeros(600)
        for name in ("volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume")
    }
    market = replace(flat, trades=np.zeros(600, dtype=np.int64), **nothing)
    view = view_of(market, Interval.M1, 600)
    assert_possible(drawn(overlay, view), view)
    assert_nothing_repaints(overlay, view, (1, 100, 599))


@every_overlay
@pytest.mark.parametrize("price", [1e-8, 1e6])
def test_overlay_survives_tiny_and_huge_prices(overlay, price):
    whole = random_walk(4_000, price=price)
    view = view_of(whole, Interval.M1, 3_000)
    assert_possible(drawn(overlay, view), view)
    assert_nothing_repaints(overlay, view, (10, 500, 2_900))
    warm = warm_up(overlay, Interval.M1)
    assert_the_start_does_not_matter(overlay, view, [(700, 700 + warm + 30)])


@every_overlay
def test_what_is_drawn_does_not_depend_on_the_unit_of_price(overlay):
    """A market a million times dearer has settled values wherever this one has."""
    here, dear = (
        view_of(random_walk(2_500, price=price), Interval.M1, 2_500) for price in (1.0, 1e6)
    )
    for a, b in zip(drawn(overlay, here), drawn(overlay, dear), strict=True):
        if isinstance(a, Line | Bars):
            np.testing.assert_array_equal(np.isfinite(a.y), np.isfinite(b.y), err_msg=a.name)


@every_overlay
def test_overlay_survives_a_market_whose_takers_are_unknown(overlay):
    whole = generated(1).tail(5_000)
    unknown = np.full(len(whole), np.nan)
    names = ("quote_volume", "taker_buy_volume", "taker_buy_quote_volume")
    market = replace(whole, trades=np.zeros(len(whole), np.int64), **dict.fromkeys(names, unknown))
    view = view_of(market, Interval.M1, 1_500)
    assert_possible(drawn(overlay, view), view)
    assert_nothing_repaints(overlay, view, (1, 700, 1_400))


@every_overlay
def test_overlay_survives_candles_of_enormous_range_and_jumps(overlay):
    whole = random_walk(2_000, seed=9)
    jump = np.where(np.arange(2_000) // 50 % 2, 1e4, 1.0)
    columns = {name: getattr(whole, name) * jump for name in ("open", "close")}
    wild = replace(whole, **columns, high=whole.high * jump * 50.0, low=whole.low * jump / 50.0)
    view = view_of(wild, Interval.M1, 1_600)
    assert_possible(drawn(overlay, view), view)
    assert_nothing_repaints(overlay, view, (1, 700, 1_500))


@every_overlay
def test_an_overlay_has_something_to_say_once_it_is_warm(overlay):
    view = view_of(generated(1), Interval.M1, 4_000)
    warm = warm_up(overlay, Interval.M1)
    for shape in drawn(overlay, view):
        match shape:
            case Line(y=y) | Bars(y=y):
                assert np.isfinite(y[warm:]).any(), f"{shape.name} is never known"
            case Band(upper=upper, lower=lower):
                assert np.isfinite(upper[warm:]).any()
                assert not (upper < lower).any(), f"{shape.name} is upside down"
            case Ribbon(code=code):
                assert (code[warm:] >= 0).any(), f"{shape.name} is never known"
            case _:
                pass


@every_overlay
def test_an_overlay_tells_people_what_it_is(overlay):
    assert overlay.title
    assert len(overlay.explanation) > 40
    assert overlay.source
    assert overlay.pane in Pane
    assert overlay.group in Group
    for declared in parameters(overlay.defaults):
        assert declared.low <= declared.default <= declared.high
        assert declared.meaning


def test_the_longest_warm_up_is_what_all_overlays_need():
    overlays = load_overlays().values()
    for interval in Interval:
        assert warm_up_candles(overlays, interval) == max(
            o.warm_up_candles(o.defaults, interval) for o in overlays
        )
    assert warm_up_candles([], Interval.M1) == 0


def test_companions_are_what_the_hungriest_overlay_needs():
    supertrend = load_overlays()["supertrend"]
    few = replace(supertrend, companions={Interval.H1: 3, Interval.D1: 30})
    many = replace(supertrend, companions={Interval.H1: 30})
    assert companions([few, many]) == {Interval.H1: 30, Interval.D1: 30}
    assert companions([]) == {}


def test_the_markets_hold_what_overlays_look_at():
    view = view_of(holed(5), Interval.M1, 900)
    assert set(view.others) == set(Interval) - {Interval.M1}
    assert all(len(series) for series in view.others.values())
    assert view.known_flow() is not None
    assert view.known_footprints()
    assert view.known_gaps()
    steps = np.diff(view.candles.open_time_ms)
    assert (steps > MINUTE_MS).any()
    assert isinstance(view.candles, CandleSeries)

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.market_events import DepthUpdate
from core.data.orderflow.local_book import LocalBook
from core.data.orderflow.statistics import OrderFlowStatistics
from core.model.order_flow import BookPhase
from tests.builders import START_MS
from tests.core.data.orderflow.events import depth, snapshot


def book() -> tuple[LocalBook, OrderFlowStatistics]:
    statistics = OrderFlowStatistics()
    return LocalBook(statistics), statistics


def live_book(last_id: int = 10) -> tuple[LocalBook, OrderFlowStatistics]:
    made, statistics = book()
    made.take(depth(last_id - 5, last_id))
    made.install(snapshot(last_id))
    assert made.phase is BookPhase.LIVE
    return made, statistics


def test_nothing_is_shown_before_a_snapshot():
    made, _ = book()
    assert (made.phase, made.wants_snapshot) == (BookPhase.NONE, False)
    made.take(depth(1, 5, bids=((99.0, 1.0),)))
    assert (made.phase, made.wants_snapshot) == (BookPhase.SYNCING, True)
    assert (made.bids(), made.asks()) == ((), ())


def test_updates_that_waited_are_applied_from_the_snapshot_on():
    made, statistics = book()
    made.take(depth(1, 5, bids=((98.0, 50.0),)))  # before the snapshot: contained in it
    made.take(depth(5, 10, bids=((99.0, 7.0),)))  # spans the snapshot's id
    made.take(depth(10, 12, asks=((101.0, 0.0),)))
    made.install(snapshot(8))
    assert made.phase is BookPhase.LIVE
    assert made.bids() == ((99.0, 7.0), (98.0, 2.0))
    assert made.asks() == ((102.0, 2.0),)
    assert (made.last_id, statistics.snapshots, statistics.chains_broken) == (12, 1, 0)


def test_a_snapshot_newer_than_all_updates_waits_for_the_next():
    made, _ = book()
    made.take(depth(1, 5))
    made.install(snapshot(8))
    assert (made.phase, made.wants_snapshot) == (BookPhase.SYNCING, False)
    made.take(depth(5, 9, bids=((99.0, 3.0),)))
    assert made.phase is BookPhase.LIVE
    assert made.bids(1) == ((99.0, 3.0),)


def test_a_quiet_book_is_caught_up_with_though_the_next_update_begins_later():
    made, statistics = book()
    made.take(depth(1, 8))
    made.install(snapshot(8))
    made.take(DepthUpdate("BTCUSDT", 500, 510, 8, ((99.0, 4.0),), (), 1))
    assert made.phase is BookPhase.LIVE
    assert made.bids(1) == ((99.0, 4.0),)
    assert statistics.snapshots_stale == 0


def test_a_snapshot_older_than_the_updates_is_no_base():
    made, statistics = book()
    made.take(depth(20, 25))
    made.install(snapshot(8))
    assert (made.phase, made.wants_snapshot) == (BookPhase.SYNCING, True)
    assert (statistics.snapshots_stale, statistics.chains_broken) == (1, 0)
    made.install(snapshot(22))
    assert made.phase is BookPhase.LIVE


def test_a_broken_chain_is_said_and_needs_a_new_snapshot():
    made, statistics = live_book()
    made.take(depth(12, 15))
    assert (made.phase, made.wants_snapshot) == (BookPhase.BROKEN, True)
    assert (made.bids(), statistics.chains_broken) == ((), 1)
    made.take(depth(15, 20, bids=((97.0, 1.0),)))
    made.install(snapshot(14))
    assert made.phase is BookPhase.LIVE
    assert made.bids()[-1] == (97.0, 1.0)
    assert (made.last_id, statistics.chains_broken) == (20, 1)


def test_an_update_that_was_there_before_changes_nothing():
    made, statistics = live_book()
    made.take(depth(10, 12, bids=((99.0, 3.0),)))
    made.take(depth(12, 13, bids=((99.0, 4.0),)))
    made.take(depth(10, 12, bids=((99.0, 3.0),)))
    assert made.bids(1) == ((99.0, 4.0),)
    assert (made.phase, statistics) == (BookPhase.LIVE, OrderFlowStatistics(snapshots=1))


def test_an_old_id_with_a_new_time_is_another_numbering_and_not_a_repetition():
    made, _ = live_book(1_000)
    made.take(depth(3, 4, at_ms=7_000))
    assert made.phase is BookPhase.BROKEN


def test_a_missing_level_may_be_removed_and_a_level_comes_back():
    made, _ = live_book()
    made.take(depth(10, 11, bids=((42.0, 0.0),)))
    made.take(depth(11, 12, bids=((99.0, 0.0),)))
    assert made.bids() == ((98.0, 2.0),)
    made.take(depth(12, 13, bids=((99.0, 5.0),)))
    assert made.bids(1) == ((99.0, 5.0),)


def test_a_crossed_book_is_counted_and_not_shown():
    made, statistics = live_book()
    made.take(depth(10, 11, bids=((101.0, 1.0),)))
    assert (made.phase, made.bids(), statistics.crossed) == (BookPhase.BROKEN, (), 1)


def test_after_an_interruption_it_begins_anew():
    made, _ = live_book()
    made.restart()
    assert (made.phase, made.wants_snapshot, made.bids()) == (BookPhase.NONE, False, ())
    made.take(depth(10, 11))
    assert (made.phase, made.wants_snapshot) == (BookPhase.SYNCING, True)


def deep_snapshot(last_id: int, best_bid: int, levels: int = 200):
    bids = tuple((float(best_bid - i), 1.0) for i in range(levels))
    asks = tuple((float(best_bid + 1 + i), 1.0) for i in range(levels))
    return snapshot(last_id, bids, asks, limit=levels)


def test_levels_beyond_the_snapshot_are_no_depth():
    made, _ = book()
    made.take(depth(5, 10))
    made.install(deep_snapshot(10, 1_000))
    made.take(depth(10, 11, bids=((5.0, 9.0),), asks=((5_000.0, 9.0),)))
    assert len(made.bids(1_000)) == len(made.asks(1_000)) == 200
    made.install(snapshot(12))
    made.take(depth(11, 13, bids=((5.0, 9.0),)))
    assert made.bids()[-1] == (5.0, 9.0)  # a snapshot with fewer levels than asked for is whole


def falling(first_id: int, from_price: int, steps: int) -> list[DepthUpdate]:
    """Each update moves the best bid down by one."""
    return [
        depth(
            first_id + i,
            first_id + i + 1,
            bids=((float(from_price - i), 0.0),),
            asks=((float(from_price - i), 1.0),),
        )
        for i in range(steps)
    ]


def test_a_worn_book_wants_a_fresh_snapshot_and_stays_live():
    made, statistics = book()
    made.take(depth(5, 10))
    made.install(deep_snapshot(10, 1_000))
    for update in falling(10, 1_000, 160):
        made.take(update)
    assert (made.phase, made.wants_snapshot) == (BookPhase.LIVE, False)
    for update in falling(170, 840, 4):
        made.take(update)
    assert (made.phase, made.wants_snapshot) == (BookPhase.LIVE, True)
    shown = made.bids(20), made.asks(20)
    made.install(deep_snapshot(172, 838))
    assert (made.phase, made.wants_snapshot) == (BookPhase.LIVE, False)
    assert (made.bids(20), made.asks(20)) == shown
    assert len(made.bids(1_000)) == 198
    assert (statistics.outgrown, statistics.chains_broken) == (0, 0)


def test_a_market_that_leaves_the_known_levels_takes_the_book_with_it():
    made, statistics = book()
    made.take(depth(5, 10))
    made.install(deep_snapshot(10, 1_000))
    for update in falling(10, 1_000, 181):
        made.take(update)
    assert (made.phase, made.bids(), statistics.outgrown) == (BookPhase.SYNCING, (), 1)
    assert made.wants_snapshot


def test_waiting_updates_are_bounded():
    made, _ = book()
    for update in (depth(i, i + 1) for i in range(5_000)):
        made.take(update)
    made.install(snapshot(3_999))
    assert made.phase is BookPhase.SYNCING  # of those the book needs, the oldest is gone
    made.install(snapshot(4_500))
    assert made.phase is BookPhase.LIVE


changes = st.lists(
    st.tuples(st.booleans(), st.integers(1, 40), st.sampled_from([0.0, 1.0, 2.5])), max_size=60
)


def updates_of(told: list[tuple[bool, int, float]], cuts: set[int]) -> list[DepthUpdate]:
    """One update a change, joined except at the cuts."""
    groups: list[list[int]] = [[]]
    for i in range(len(told)):
        if i in cuts:
            groups.append([])
        groups[-1].append(i)
    updates, previous_id = [], 10
    for group in filter(None, groups):
        last_id = 11 + group[-1]
        sides: dict[bool, dict[float, float]] = {True: {}, False: {}}
        for is_bid, distance, quantity in (told[i] for i in group):
            sides[is_bid][100.0 - distance if is_bid else 100.0 + distance] = quantity
        bids, asks = tuple(sides[True].items()), tuple(sides[False].items())
        updates.append(depth(previous_id, last_id, bids, asks))
        previous_id = last_id
    return updates


@given(told=changes, cuts=st.sets(st.integers(0, 60)), seed=st.integers(0, 1_000))
def test_any_split_repetition_and_delay_of_the_snapshot_gives_the_same_book(told, cuts, seed):
    plain = {True: {99.0: 1.0, 98.0: 2.0}, False: {101.0: 1.0, 102.0: 2.0}}
    for is_bid, distance, quantity in told:
        plain[is_bid][100.0 - distance if is_bid else 100.0 + distance] = quantity
    rng = np.random.default_rng(seed)
    updates = [depth(5, 10), *updates_of(told, cuts)]
    at = int(rng.integers(1, len(updates) + 1))
    made, statistics = book()
    for update in updates[:at]:
        made.take(update)
    made.install(snapshot(10))
    for i, update in enumerate(updates[at:], at):
        made.take(update)
        made.take(updates[int(rng.integers(i + 1))])
    assert made.phase is BookPhase.LIVE
    assert dict(made.bids(99)) == {p: q for p, q in plain[True].items() if q}
    assert dict(made.asks(99)) == {p: q for p, q in plain[False].items() if q}
    assert statistics == OrderFlowStatistics(snapshots=1)


@given(told=changes, missing=st.integers(0, 59))
def test_a_missing_update_is_never_overlooked(told, missing):
    updates = updates_of(told, set(range(61)))
    if missing >= len(updates) - 1:
        return
    made, statistics = live_book()
    for update in itertools.chain(updates[:missing], updates[missing + 1 :]):
        made.take(update)
    assert (made.phase, statistics.chains_broken) == (BookPhase.BROKEN, 1)


@pytest.mark.parametrize("levels", [1, 2])
def test_it_says_how_old_it_is_and_shows_as_many_levels_as_asked(levels):
    made, _ = live_book()
    made.take(depth(10, 11, at_ms=77))
    assert made.event_time_ms == START_MS + 77
    assert len(made.bids(levels)) == len(made.asks(levels)) == levels

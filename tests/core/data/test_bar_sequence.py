from hypothesis import given
from hypothesis import strategies as st

from core.data.bar_sequence import CLOSE_GRACE_MS, BarSequence
from core.model.candles import CandleUpdate
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle


def at(minute: int) -> int:
    return START_MS + minute * MINUTE_MS


def update(minute: int, *, closed: bool = True, close: float = 100.0, event_ms: int | None = None):
    bar = candle(at(minute), close)
    default_ms = at(minute + 1) + 300 if closed else at(minute) + 1000
    return CandleUpdate("BTCUSDT", Interval.M1, bar, closed, event_ms or default_ms)


def minutes(updates: list[CandleUpdate]) -> list[int]:
    return [(u.candle.open_time_ms - START_MS) // MINUTE_MS for u in updates]


@given(st.permutations(range(8)), st.lists(st.integers(0, 7), max_size=5))
def test_whatever_comes_in_whatever_order_goes_out_once_and_in_order(order, repeated):
    sequence = BarSequence()
    sequence.begin_after(at(-1))
    out = [u for minute in [*order, *repeated] for u in sequence.offer(update(minute))]
    assert minutes(out) == list(range(8))


@given(st.sets(st.integers(0, 11), min_size=1))
def test_nothing_passes_a_hole(present):
    sequence = BarSequence()
    sequence.begin_after(at(-1))
    out = [u for minute in sorted(present) for u in sequence.offer(update(minute))]
    assert minutes(out) == [m for m in range(12) if set(range(m + 1)) <= present]


def test_the_first_closed_candle_is_the_beginning():
    sequence = BarSequence()
    assert sequence.hole(at(5)) is None
    assert minutes(sequence.offer(update(3))) == [3]
    assert sequence.offer(update(2)) == ()


def test_running_candles_pass_unless_something_newer_is_known():
    sequence = BarSequence()
    running = [update(1, closed=False, event_ms=at(1) + e) for e in (1000, 3000, 2000, 3000)]
    assert [len(sequence.offer(u)) for u in running] == [1, 1, 0, 1]
    sequence.offer(update(1))
    assert sequence.offer(update(1, closed=False, event_ms=at(1) + 9000)) == ()
    assert len(sequence.offer(update(2, closed=False))) == 1


def test_a_closed_bar_is_overdue_a_moment_after_its_minute():
    sequence = BarSequence()
    sequence.offer(update(0))
    assert sequence.hole(at(2) + CLOSE_GRACE_MS - 1) is None
    assert sequence.hole(at(2) + CLOSE_GRACE_MS) == Gap(at(1), at(1))
    assert sequence.hole(at(9) + CLOSE_GRACE_MS) == Gap(at(1), at(8))


def test_a_later_bar_proves_that_the_ones_before_it_are_over():
    sequence = BarSequence()
    sequence.offer(update(0))
    sequence.offer(update(2, closed=False, event_ms=at(2) + 1))
    assert sequence.hole(at(2) + 1) == Gap(at(1), at(1))
    sequence.offer(update(4))
    assert sequence.hole(at(2)) == Gap(at(1), at(3))


def test_bars_the_exchange_does_not_have_can_be_passed_over():
    sequence = BarSequence()
    sequence.offer(update(0))
    assert sequence.offer(update(3)) == ()
    assert minutes(sequence.pass_over(Gap(at(1), at(2)), at(9))) == [3]
    assert sequence.last_ms == at(3)


def test_a_repeated_bar_that_says_something_else_is_noticed():
    sequence = BarSequence()
    sequence.offer(update(0, close=1.0))
    assert not sequence.contradicts(update(0, close=1.0))
    assert sequence.contradicts(update(0, close=2.0))
    assert not sequence.contradicts(update(-50, close=2.0))


def test_what_rest_has_settled_is_not_doubted_again():
    sequence = BarSequence()
    sequence.offer(update(0, close=1.0))
    assert sequence.contradicts(update(0, close=2.0))
    sequence.settle(candle(at(0), 2.0))
    assert not sequence.contradicts(update(0, close=2.0))
    assert not sequence.contradicts(update(0, close=1.0))
    assert sequence.contradicts(update(0, close=3.0))


def test_a_later_bar_is_noticed_without_looking_for_holes():
    sequence = BarSequence()
    assert not sequence.ahead
    sequence.offer(update(0))
    sequence.offer(update(1, closed=False))
    assert not sequence.ahead
    sequence.offer(update(2, closed=False))
    assert sequence.ahead


def test_frames_of_bars_the_exchange_does_not_know_are_forgotten():
    sequence = BarSequence()
    sequence.offer(update(0))
    sequence.offer(update(500))
    sequence.offer(update(600, closed=False))
    sequence.disbelieve(at(1))
    assert sequence.hole(at(1)) is None
    assert not sequence.ahead
    assert minutes(sequence.offer(update(1, closed=False))) == [1]


def test_a_first_candle_whose_times_contradict_each_other_begins_nothing():
    sequence = BarSequence()
    assert sequence.offer(update(900, event_ms=at(1))) == ()
    assert sequence.last_ms is None
    assert minutes(sequence.offer(update(0))) == [0]


def test_a_candle_that_had_to_wait_for_an_earlier_one_says_so_and_when_its_turn_came():
    sequence = BarSequence()
    first = update(0)
    assert sequence.offer(first) == (first,)
    assert sequence.offer(update(2)) == ()
    late = update(1, event_ms=at(12))
    released = sequence.offer(late)
    assert released[0] is late
    assert (released[1].candle, released[1].closed) == (update(2).candle, True)
    assert (released[1].held, released[1].event_time_ms) == (True, at(12))
    assert sequence.offer(update(5)) == ()
    (passed,) = sequence.pass_over(Gap(at(3), at(4)), at(20))
    assert (passed.held, passed.event_time_ms) == (True, at(20))

from hypothesis import given
from hypothesis import strategies as st

from core.data.absent_bars import ASK_AGAIN_S, AbsentBars
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS
from tests.builders import START_MS


def at(minute: int) -> int:
    return START_MS + minute * MINUTE_MS


def test_absent_bars_are_asked_for_again_ever_more_rarely():
    absent, now_s = AbsentBars(), 0.0
    absent.add(Gap(at(0), at(2)), now_s)
    for wait_s in (*ASK_AGAIN_S, ASK_AGAIN_S[-1]):
        assert absent.due(now_s + wait_s - 1.0) == ()
        now_s += wait_s
        assert absent.due(now_s) == (Gap(at(0), at(2)),)
        absent.asked(Gap(at(0), at(2)), now_s)


def test_a_bar_that_comes_splits_the_hole():
    absent = AbsentBars()
    absent.add(Gap(at(0), at(4)), 0.0)
    absent.filled([at(2), at(9)])
    assert absent.gaps() == (Gap(at(0), at(1)), Gap(at(3), at(4)))
    assert absent.gaps(at(4)) == (Gap(at(4), at(4)),)
    assert absent.lacks(at(1))
    assert not absent.lacks(at(2))


def test_a_known_absence_keeps_its_turn():
    absent = AbsentBars()
    absent.add(Gap(at(0), at(0)), 0.0)
    absent.add(Gap(at(0), at(1)), 30.0)
    assert absent.due(ASK_AGAIN_S[0]) == (Gap(at(0), at(0)),)


def test_what_nobody_looks_at_any_more_is_forgotten():
    absent = AbsentBars()
    absent.add(Gap(at(3), at(5)), 0.0)
    absent.add(Gap(at(0), at(1)), 0.0)
    absent.forget_before(at(1))
    assert absent.gaps() == (Gap(at(1), at(1)), Gap(at(3), at(5)))
    assert len(absent) == 4


@given(st.sets(st.integers(0, 40)))
def test_holes_are_exactly_the_absent_bars_in_as_few_pieces_as_can_be(minutes):
    absent = AbsentBars()
    for minute in minutes:
        absent.add(Gap(at(minute), at(minute)), 0.0)
    holes = absent.gaps()
    covered = [t for gap in holes for t in range(gap.start_ms, gap.end_ms + 1, MINUTE_MS)]
    assert covered == [at(minute) for minute in sorted(minutes)]
    assert len(holes) == sum(minute - 1 not in minutes for minute in minutes)

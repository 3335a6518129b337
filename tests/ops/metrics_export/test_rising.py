from hypothesis import given
from hypothesis import strategies as st

from ops.metrics_export.rising import Rising


def test_a_count_that_begins_anew_goes_on():
    rising = Rising()
    assert [rising.of("a", n) for n in (5, 7, 0, 2, 1)] == [5, 7, 7, 9, 10]
    assert rising.of("b", 3) == 3


@given(st.lists(st.integers(0, 1_000)))
def test_the_sum_never_falls(counts):
    rising = Rising()
    sums = [rising.of("a", count) for count in counts]
    assert sums == sorted(sums)

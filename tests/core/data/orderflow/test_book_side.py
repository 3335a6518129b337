from hypothesis import given
from hypothesis import strategies as st

from core.data.orderflow.book_side import KEPT_LEVELS, MOST_LEVELS, BookSide


def test_bids_show_the_highest_first_and_asks_the_lowest():
    for sign, expected in ((1.0, (3.0, 2.0, 1.0)), (-1.0, (1.0, 2.0, 3.0))):
        side = BookSide(sign)
        side.fill([(2.0, 1.0), (1.0, 1.0), (3.0, 1.0)], whole=True)
        assert tuple(price for price, _ in side.top(9)) == expected
        assert side.best == expected[0]


def test_an_empty_side_has_no_best_price():
    side = BookSide(1.0)
    assert (side.best, side.top(5), len(side), side.reaches(20)) == (None, (), 0, True)


def test_a_side_stays_small_and_forgets_the_farthest():
    side = BookSide(-1.0)
    side.fill([], whole=True)
    side.change((1.0 + i, 1.0) for i in range(MOST_LEVELS + 1))
    assert len(side) == KEPT_LEVELS
    assert side.best == 1.0
    side.change([(KEPT_LEVELS + 10.0, 1.0)])
    assert len(side) == KEPT_LEVELS  # beyond what is known: not depth
    assert side.reaches(KEPT_LEVELS)
    assert not side.reaches(KEPT_LEVELS + 1)


@given(st.lists(st.tuples(st.integers(1, 20), st.sampled_from([0.0, 1.0, 2.0])), max_size=80))
def test_it_behaves_like_a_sorted_mapping(changes):
    side, plain = BookSide(-1.0), {}
    side.fill([], whole=True)
    for price, quantity in changes:
        side.change([(float(price), quantity)])
        plain[float(price)] = quantity
    assert side.top(99) == tuple(sorted((p, q) for p, q in plain.items() if q))

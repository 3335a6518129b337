import numpy as np
import pytest

from core.model.order_flow import BookPhase, BookState, FlowSeries, Footprint, OrderFlowError

FLOATS = (
    "buy_volume",
    "sell_volume",
    "buy_quote_volume",
    "sell_quote_volume",
    "imbalance_mean",
    "imbalance_last",
    "spread_bps",
)


def series(times: list[int], **changes: object) -> FlowSeries:
    n = len(times)
    columns = {name: np.zeros(n) for name in FLOATS}
    columns |= {"trades": np.zeros(n, np.int64), "complete": np.zeros(n, np.bool_)}
    columns |= {"open_time_ms": np.array(times, np.int64)}
    return FlowSeries(symbol="BTCUSDT", **(columns | changes))


def test_a_series_is_read_only():
    told = series([0, 60_000])
    with pytest.raises(ValueError, match="read-only"):
        told.imbalance_mean[0] = 1.0


def test_a_series_out_of_order_or_of_unequal_columns_cannot_be():
    for times in ([60_000, 0], [0, 0]):
        with pytest.raises(OrderFlowError):
            series(times)
    with pytest.raises(OrderFlowError):
        series([0], trades=np.zeros(2, np.int64))


def test_a_footprint_needs_a_width_and_equal_columns():
    one = np.ones(1)
    with pytest.raises(OrderFlowError):
        Footprint(0, 0.0, one, one, one)
    with pytest.raises(OrderFlowError):
        Footprint(0, 1.0, one, one, np.ones(2))


def test_only_a_live_book_shows_levels():
    with pytest.raises(OrderFlowError):
        BookState("BTCUSDT", BookPhase.BROKEN, bids=((1.0, 1.0),))
    empty = BookState("BTCUSDT", BookPhase.SYNCING)
    assert (empty.best_bid, empty.best_ask, empty.imbalance()) == (None, None, None)


def test_the_imbalance_of_a_book_counts_as_many_levels_as_asked():
    book = BookState(
        "BTCUSDT", BookPhase.LIVE, ((9.0, 3.0), (8.0, 5.0)), ((10.0, 1.0), (11.0, 1.0))
    )
    assert book.imbalance(1) == 0.5
    assert book.imbalance() == 0.6
    assert (book.best_bid, book.best_ask) == ((9.0, 3.0), (10.0, 1.0))

from core.data.feed_status import FeedState
from core.data.feed_troubles import feed_troubles
from core.data.sockets.health import StreamState
from core.model.gap import Gap


class Symbols:
    """Symbols that are as they are told to be."""

    def __init__(self, standings, gaps=None):
        self._standings = standings
        self._gaps = gaps or {}

    @property
    def symbols(self):
        return tuple(self._standings)

    def standing(self, symbol):
        return self._standings[symbol]

    def gaps(self, symbol):
        return self._gaps.get(symbol, ())


def test_symbols_that_are_live_and_whole_have_no_trouble():
    assert feed_troubles(Symbols({"A": (FeedState.LIVE, "")})) == {}


def test_a_closed_market_is_no_trouble():
    assert feed_troubles(Symbols({"A": (StreamState.CLOSED, "the market of A is closed")})) == {}


def test_what_is_not_live_is_told_with_its_reason():
    found = feed_troubles(
        Symbols({"A": (FeedState.SILENT, "nothing for 9 s"), "B": (FeedState.STARTING, "")})
    )
    assert found == {"A": "SILENT: nothing for 9 s", "B": "STARTING"}


def test_candles_that_the_exchange_lacks_are_counted():
    gaps = {"A": (Gap(0, 0),), "B": (Gap(0, 60_000), Gap(180_000, 180_000))}
    found = feed_troubles(Symbols(dict.fromkeys("AB", (FeedState.LIVE, "")), gaps))
    assert found == {
        "A": "1 candle the exchange does not have",
        "B": "3 candles the exchange does not have",
    }

"""A feed that is what it is set to."""

from collections import Counter
from dataclasses import dataclass, field

from core.data.feed_status import FeedState, FeedStatus
from core.data.sockets.health import StreamHealth, StreamState

MARKET_MS = 1_750_000_000_000


@dataclass
class FakeFeed:
    told: FeedStatus = field(
        default_factory=lambda: FeedStatus(
            FeedState.LIVE, 0.25, "", 1_234, 3, 2, differences=1, gaps=4, unreadable={"json": 3}
        )
    )
    heard: list = field(default_factory=list)
    symbols: tuple = ("BTCUSDT", "ETHUSDT")
    silent: tuple = ("ETHUSDT",)
    market_label: str | None = None
    now_ms: int | None = MARKET_MS

    @property
    def order_flow(self):
        return self

    def book_phases(self):
        return Counter()

    def status(self):
        return self.told

    def streams(self):
        return tuple(self.heard)

    def standing(self, symbol):
        return (FeedState.SILENT, "nothing") if symbol in self.silent else (FeedState.LIVE, "")

    def gaps(self, symbol):
        return ()

    def market_time_ms(self):
        return self.now_ms


def stream(name, age_s=0.5, state=StreamState.LIVE):
    return StreamHealth(name, "market", state, age_s, 10, None)

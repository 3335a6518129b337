"""What went wrong, or was put right, in the order flow of all symbols."""

from dataclasses import dataclass


@dataclass(slots=True)
class OrderFlowStatistics:
    """
    Counters since the start; the parts count in one of their own.

    Attributes:
        trades_lost: Ids that never came.
        trades_repeated: Trades dropped because their id, or a later one, was there before.
        tops_repeated: The same of best bids and asks.
        unsound: Events no market can send, left out.
        restarts: Series begun anew because ids and times went on contradicting each other.
        chains_broken: Depth updates that did not follow the one before.
        snapshots: Order books fetched.
        snapshots_stale: Of them, those older than the updates at hand.
        crossed: Times a local book had a bid at or above its best ask, and was begun anew.
        outgrown: Times the market left the levels a snapshot knew.
    """

    trades_lost: int = 0
    trades_repeated: int = 0
    tops_repeated: int = 0
    unsound: int = 0
    restarts: int = 0
    chains_broken: int = 0
    snapshots: int = 0
    snapshots_stale: int = 0
    crossed: int = 0
    outgrown: int = 0

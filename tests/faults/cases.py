"""The table of faults: what goes wrong, what the page must say meanwhile, and for how long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from core.data.market_feed import FeedState
from core.data.sockets.health import StreamState
from tests.faults.client import Client

Sight: TypeAlias = Callable[[Client], bool]
Fault: TypeAlias = dict[str, object]
DAY_MS = 86_400_000
# The longest that a failed repair may wait for its next attempt; nobody sits through it here.
REPAIR_CEILING_S = 30.0


def shows(state: FeedState, detail: str = "") -> Sight:
    """The page shows this state with this reason, and nothing is called whole."""

    def seen(client: Client) -> bool:
        told = client.feed.status()
        return (
            told.state is state
            and detail in told.detail
            and not all(map(client.feed.whole, client.symbols))
        )

    return seen


def stream_shows(names: str, state: StreamState) -> Sight:
    """The table of streams shows this state for all of these names."""
    return lambda client: client.streams_are(names, state)


def counts_malformed(client: Client) -> bool:
    """The page counts frames that nobody can read, and is live."""
    told = client.feed.status()
    return told.malformed >= 20 and told.state is FeedState.LIVE


def all_of(*sights: Sight) -> Sight:
    return lambda client: all(seen(client) for seen in sights)


def stays_fine(client: Client) -> bool:
    """Nothing is to be said: the feed copes."""
    return client.fine


@dataclass(frozen=True)
class Case:
    """
    One line of the table.

    Attributes:
        faults: Started together, in this order.
        sees: What the page must come to show while they last.
        drop: Whether all sockets are cut besides, so that handshakes or REST are needed.
        minutes: How long the market goes on under the fault after it was seen.
        skip_s: How far our clock is moved while it lasts, as waiting so long would.
        skip_after_s: The same once it has ended.
        strikes: How often the first fault must have done something; 0 for what strikes but once.
    """

    name: str
    faults: Sequence[Fault]
    sees: Sight
    drop: bool = False
    minutes: float = 5.0
    skip_s: float = 0.0
    skip_after_s: float = 0.0
    strikes: int = 1
    feed: dict[str, float] = field(default_factory=dict)


RECONNECTING = shows(FeedState.RECONNECTING)
SILENT = shows(FeedState.SILENT)
BACKFILLING = shows(FeedState.BACKFILLING)


def _drop(code: int) -> Case:
    return Case(f"drop {code}", [{"kind": "drop", "code": code}], RECONNECTING, strikes=0)


def _refuse(status: int, words: str, **wait: float) -> Case:
    fault: Fault = {"kind": "refuse", "status": status}
    return Case(
        f"refuse {status}",
        [fault],
        shows(FeedState.RECONNECTING, words),
        drop=True,
        **wait,
    )


def _rest_error(status: int, words: str, **more: object) -> Case:
    skip_s = float(more.pop("skip_s", 0.0))  # type: ignore[arg-type]
    return Case(
        f"rest_error {status}" + (" told how long" if "retry_after" in more else ""),
        [{"kind": "rest_error", "status": status, **more}],
        shows(FeedState.BACKFILLING, words),
        drop=True,
        skip_after_s=max(skip_s, REPAIR_CEILING_S),
    )


CASES = (
    *(_drop(code) for code in (1000, 1001, 1006, 1008, 1011)),
    Case("drop again and again", [{"kind": "drop", "seconds": 2}], RECONNECTING),
    Case("shutdown", [{"kind": "shutdown"}], stays_fine, strikes=0),
    Case("shutdown of all that connect", [{"kind": "shutdown", "seconds": 2}], RECONNECTING),
    _refuse(404, "404"),
    _refuse(503, "503"),
    _refuse(500, "500"),
    _refuse(403, "firewall", skip_after_s=61),
    _refuse(451, "location", skip_after_s=61),
    _refuse(429, "too many", skip_after_s=61),
    _refuse(418, "banned", skip_after_s=121),
    Case("mute", [{"kind": "mute"}], SILENT, minutes=10.0),
    Case("mute as configured", [{"kind": "mute"}], SILENT, feed={"silence_s": 8.0}),
    Case(
        "silent subscription of all",
        [{"kind": "silent_subscription", "streams": "*"}],
        shows(FeedState.SILENT, "zero messages"),
        minutes=10.0,
    ),
    Case(
        "silent subscription of candles",
        [{"kind": "silent_subscription", "streams": "*@kline_*"}],
        all_of(stream_shows("*@kline_1m", StreamState.SILENT), SILENT),
        skip_s=80.0,
    ),
    Case(
        "silent subscription of marks",
        [{"kind": "silent_subscription", "streams": "*@markPrice*"}],
        stream_shows("*@markPrice@1s", StreamState.SILENT),
    ),
    Case("duplicate", [{"kind": "duplicate", "share": 1.0}], stays_fine, strikes=100),
    Case("reorder", [{"kind": "reorder", "share": 0.4}], stays_fine, strikes=50),
    Case("delay", [{"kind": "delay", "ms": 400}], stays_fine, strikes=50),
    Case("garbage", [{"kind": "garbage", "share": 1.0}], counts_malformed, strikes=100),
    Case("missing close of some", [{"kind": "missing_close", "share": 0.5}], stays_fine),
    Case(
        "missing close of all of one symbol",
        [{"kind": "missing_close", "symbols": ["ETHUSDT"]}],
        stays_fine,
        strikes=3,
    ),
    Case(
        "missing close and no REST",
        [{"kind": "missing_close"}, {"kind": "rest_error", "status": 503}],
        BACKFILLING,
    ),
    _rest_error(400, "", skip_s=61),
    _rest_error(403, "firewall"),
    _rest_error(408, "408"),
    _rest_error(418, "", retry_after=2),
    _rest_error(418, "banned", skip_s=121),
    _rest_error(429, "", retry_after=2),
    _rest_error(429, "too many"),
    _rest_error(451, "location"),
    _rest_error(500, "500"),
    _rest_error(503, "503"),
    Case(
        "rest garbage",
        [{"kind": "rest_garbage", "share": 1.0}],
        BACKFILLING,
        drop=True,
        skip_after_s=301,
    ),
    Case(
        "rest garbage now and then",
        [{"kind": "rest_garbage", "share": 0.5}],
        RECONNECTING,
        drop=True,
        skip_after_s=301,
    ),
    Case("rest slow", [{"kind": "rest_slow", "ms": 300}], BACKFILLING, drop=True),
    Case("rest too slow", [{"kind": "rest_slow", "ms": 1500}], BACKFILLING, drop=True),
    Case("clock a day ahead", [{"kind": "clock_skew", "ms": DAY_MS}], stays_fine, strikes=50),
    Case("clock a day behind", [{"kind": "clock_skew", "ms": -DAY_MS}], stays_fine, strikes=50),
)

"""
What chaos can do, and what must be seen of it.

Each trouble is struck, seen by somebody who only reads health pages, ended, and over.
"""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass

from ops.processes import Role
from tests.faults.chaos.victim import Victim

# SQLite itself waits for five seconds before it says that the journal is locked.
_LOCKED_S = 8.0
# A watcher calls an engine silent after ten.
_FROZEN_ENGINE_S = 14.0
_FROZEN_PAGE_S = 4.0
# Of an exchange that serves again: several of its market's minutes.
_BAD_S = 6.0
_MUTE_S = 12.0  # a socket is replaced after eight
_DAY_S = 86_400.0
_HOUR_MS = 3_600_000

Sight = Callable[[Victim], bool]
Context = AbstractContextManager[None]


@dataclass(frozen=True)
class Trouble:
    """
    One line of the menu.

    Attributes:
        strike: A context that has struck once it is entered, and ends the fault when it is left.
        seen: What somebody who looks at the health pages sees of it; given the victim as it
            was before, returns the sight.
        lasts_s: How long it goes on at least.
        harmless: Whether all must be well while it lasts, once it was seen.
    """

    name: str
    strike: Callable[[Victim], Context]
    seen: Callable[[Victim], Sight]
    lasts_s: float = 0.0
    harmless: bool = False


def not_well(_: Victim) -> Sight:
    """Either server says that something is wrong, or does not answer."""
    return lambda victim: not victim.is_well


def page_misses_the_engine(_: Victim) -> Sight:
    """The page itself says that the engine does not tell anything any more."""
    return lambda victim: victim.page.body.get("engine", {}).get("state") in {"stale", "stopped"}


def engine_says(key: str) -> Callable[[Victim], Sight]:
    """A counter of the engine has grown."""

    def before(victim: Victim) -> Sight:
        was = victim.told_by_engine().get(key, 0)
        return lambda now: now.engine.body.get(key, 0) > was

    return before


def struck(victim: Victim) -> Sight:
    """Nothing needs to be told, as the feed copes; the exchange says that it misbehaved."""

    def seen(now: Victim) -> bool:
        faults = now.exchange("/sim/faults").body.get("faults", ())
        return any(fault["struck"] for fault in faults)

    return seen


def clock_is_off(victim: Victim) -> Sight:
    """The time that the engine tells with its heartbeat is hours from what it was."""
    was_ms = victim.told_by_engine()["told_ms"]
    return lambda now: abs(now.engine.body.get("told_ms", was_ms) - was_ms) > _HOUR_MS


def quarantined(victim: Victim) -> Sight:
    """The damaged files lie where a person finds them."""
    place = victim.home.cache / "quarantine"
    before = len(list(place.glob("*")))
    return lambda _: len(list(place.glob("*"))) > before


def _exchange(*faults: dict[str, object], cut: bool = False) -> Callable[[Victim], Context]:
    @contextmanager
    def context(victim: Victim) -> Iterator[None]:
        for fault in faults:
            victim.exchange("/sim/faults", "POST", fault)
        if cut:
            victim.exchange("/sim/faults", "POST", {"kind": "drop"})
        yield
        victim.exchange("/sim/faults", "DELETE")

    return context


def _killed(
    *roles: Role, first: Callable[[Victim], object] = lambda _: None
) -> Callable[[Victim], Context]:
    @contextmanager
    def context(victim: Victim) -> Iterator[None]:
        for role in roles:
            victim.process(role).send_signal(signal.SIGKILL)
        first(victim)  # before the supervisor has started them again
        yield

    return context


def _frozen(role: Role) -> Callable[[Victim], Context]:
    @contextmanager
    def context(victim: Victim) -> Iterator[None]:
        process = victim.process(role)
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    return context


def _clock_off_by(seconds: float) -> Callable[[Victim], Context]:
    @contextmanager
    def context(victim: Victim) -> Iterator[None]:
        victim.clock.write_text(str(seconds))
        yield
        victim.clock.unlink()

    return context


@contextmanager
def _locked(victim: Victim) -> Iterator[None]:
    with closing(sqlite3.connect(victim.home.database, isolation_level=None, timeout=60)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _deleted(victim: Victim) -> None:
    for path in victim.home.cache.glob("*.parquet"):
        path.unlink(missing_ok=True)


def _damaged(victim: Victim) -> None:
    for path in victim.home.cache.glob("*_1m_history.parquet"):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] + os.urandom(len(content) // 2))


MENU = (
    Trouble("sockets reset", _exchange({"kind": "drop"}), engine_says("reconnects")),
    Trouble("sockets silent", _exchange({"kind": "mute"}), not_well, _MUTE_S),
    Trouble(
        "exchange refuses everything",
        _exchange({"kind": "refuse"}, {"kind": "rest_error", "status": 503}, cut=True),
        not_well,
        _BAD_S,
    ),
    Trouble(
        "exchange bans (418)",
        _exchange({"kind": "rest_error", "status": 418, "retry_after": 2}, cut=True),
        engine_says("reconnects"),
        _BAD_S,
    ),
    Trouble(
        "garbage between the frames",
        _exchange({"kind": "garbage", "share": 0.3, "seed": 3}),
        engine_says("malformed"),
        _BAD_S,
        harmless=True,
    ),
    Trouble(
        "closes of candles missing",
        _exchange({"kind": "missing_close", "share": 0.5, "seed": 5}),
        struck,
        _BAD_S,
        harmless=True,
    ),
    Trouble("kill -9 engine", _killed(Role.ENGINE), not_well),
    Trouble("kill -9 dashboard", _killed(Role.DASHBOARD), not_well),
    Trouble("kill -9 exchange", _killed(Role.SIMULATOR), not_well),
    Trouble("kill -9 engine and dashboard", _killed(Role.ENGINE, Role.DASHBOARD), not_well),
    Trouble("SIGSTOP engine", _frozen(Role.ENGINE), page_misses_the_engine, _FROZEN_ENGINE_S),
    Trouble("SIGSTOP dashboard", _frozen(Role.DASHBOARD), not_well, _FROZEN_PAGE_S),
    Trouble("SIGSTOP exchange", _frozen(Role.SIMULATOR), not_well, _MUTE_S),
    Trouble(
        "candle files deleted, kill -9 engine",
        _killed(Role.ENGINE, first=_deleted),
        not_well,
    ),
    Trouble(
        "candle files damaged, kill -9 both",
        _killed(Role.ENGINE, Role.DASHBOARD, first=_damaged),
        quarantined,
    ),
    Trouble("clock leaps a day ahead", _clock_off_by(_DAY_S), clock_is_off, _BAD_S, harmless=True),
    Trouble("clock falls back a day", _clock_off_by(-_DAY_S), clock_is_off, _BAD_S, harmless=True),
    Trouble("journal locked by another", _locked, not_well, _LOCKED_S),
)


def suffer(trouble: Trouble, victim: Victim) -> tuple[float, float]:
    """Let it come and go; return the seconds until it was seen, and of recovering after it."""
    sight = trouble.seen(victim)
    begun_s = time.monotonic()
    with trouble.strike(victim):
        victim.until(lambda: sight(victim), f"{trouble.name} is seen")
        seen_s = time.monotonic() - begun_s
        while time.monotonic() - begun_s < trouble.lasts_s:
            time.sleep(0.05)
        if trouble.harmless:
            victim.until(lambda: victim.is_well, f"all is well during: {trouble.name}")
    ended_s = time.monotonic()
    decided = victim.product.count("decisions")
    victim.until(lambda: victim.is_well, f"all is well after: {trouble.name}")
    victim.until(
        lambda: victim.product.count("decisions") > decided + len(victim.symbols),
        f"decisions after: {trouble.name}",
    )
    return seen_s, time.monotonic() - ended_s

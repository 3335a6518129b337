"""What commands and the page see of the alarms: read from the files of the watchers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.config import Home
from ops.alarms.alarm import Alarm, Event, Orders
from ops.alarms.json_file import DamagedError
from ops.alarms.opening import Watcher, orders_of
from ops.alarms.state_file import Kept, TargetState, read_state, state_path
from ops.processes import Role, running


@dataclass(frozen=True, slots=True)
class Shown:
    """
    One alarm.

    Attributes:
        watcher: The process that raised it.
        is_current: Whether that process runs: else it tells how things were.
        silent_until_ms: UTC ms; None when it is not silent.
    """

    alarm: Alarm
    watcher: Watcher
    is_current: bool
    is_acknowledged: bool
    silent_until_ms: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """
    Attributes:
        alarms: Active ones, the worst and oldest first.
        recent: What happened lately, newest last.
        orders: What people want.
        targets: How telling people outside goes, of all watchers.
        outside: Why nobody outside is told; empty where somebody is.
        troubles: Files that could not be read.
    """

    alarms: tuple[Shown, ...] = ()
    recent: tuple[Event, ...] = ()
    orders: Orders = field(default_factory=Orders)
    targets: tuple[TargetState, ...] = ()
    outside: str = ""
    troubles: tuple[str, ...] = ()

    def alarm(self, component: str) -> Alarm | None:
        """Return the active alarm of a component."""
        return next((s.alarm for s in self.alarms if s.alarm.component == component), None)


def overview(home: Home, now_ms: int) -> Overview:
    """Return the alarms of a home; a file that cannot be read is among the troubles."""
    troubles: list[str] = []
    try:
        orders = orders_of(home).read()
    except (DamagedError, OSError) as error:
        orders = Orders()
        troubles.append(f"orders cannot be read: {error}")
    shown: list[Shown] = []
    kept: list[Kept] = []
    for watcher in Watcher:
        try:
            state = read_state(state_path(home, watcher))
        except (DamagedError, OSError) as error:
            troubles.append(f"alarms of the {watcher} cannot be read: {error}")
            continue
        kept.append(state)
        runs = running(home.run, Role(watcher.value)) is not None
        shown += [
            Shown(
                alarm,
                watcher,
                runs,
                orders.knows(alarm),
                orders.silent_until_ms(alarm.component, now_ms),
            )
            for alarm in state.book.alarms.values()
            if alarm.is_active
        ]
    return Overview(
        tuple(sorted(shown, key=lambda s: (-s.alarm.level.rank, s.alarm.since_ms))),
        tuple(sorted((e for state in kept for e in state.recent), key=lambda e: e.at_ms)),
        orders,
        _together(target for state in kept for target in state.targets),
        next((state.outside for state in kept if state.outside), ""),
        tuple(troubles),
    )


def _together(targets: Iterable[TargetState]) -> tuple[TargetState, ...]:
    """Return each target once, with what all watchers told it."""
    found: dict[str, TargetState] = {}
    for one in targets:
        so_far = found.get(one.name, TargetState(one.name))
        found[one.name] = TargetState(
            one.name,
            so_far.sent + one.sent,
            so_far.failed + one.failed,
            so_far.dropped + one.dropped,
            so_far.waiting + one.waiting,
            one.trouble or so_far.trouble,
        )
    return tuple(found.values())

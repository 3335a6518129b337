"""Tells people outside: each target by its own courier, or nobody, and why."""

import time
from collections.abc import Sequence
from typing import Final

from ops.alarms.apprise_target import apprise_targets
from ops.alarms.courier import Courier, Target
from ops.alarms.message import Message
from ops.alarms.state_file import TargetState
from ops.launch import Installation

NO_TARGET: Final = "nobody outside is told: ALARM_URLS in .env is empty"
DEMO_SILENT: Final = "the demo tells nobody outside: ALARM_URLS is not used"


class Outward:
    """
    Args:
        targets: Who is told.
        silent: Why nobody is told, where there is no target.
    """

    def __init__(self, targets: Sequence[Target] = (), silent: str = NO_TARGET) -> None:
        self._couriers = tuple(Courier(target) for target in targets)
        self._silent = silent

    @property
    def silent(self) -> str:
        """Why nobody is told; empty where somebody is."""
        return "" if self._couriers else self._silent

    def tell(self, message: Message) -> None:
        """Have every target told; never blocks and never raises."""
        for courier in self._couriers:
            courier.take(message)

    def take_up(self, states: Sequence[TargetState]) -> None:
        """Send what still waited when the process before this one ended; by the targets' names."""
        waited = {state.name: state.messages for state in states}
        for courier in self._couriers:
            for message in waited.get(courier.name, ()):
                courier.take(message)

    def states(self) -> tuple[TargetState, ...]:
        """Return how telling each goes."""
        return tuple(courier.state() for courier in self._couriers)

    def close(self, timeout_s: float) -> None:
        """Let what waits go out, for so long; the rest is in the `states`."""
        until_s = time.monotonic() + timeout_s
        for courier in self._couriers:
            courier.close(max(until_s - time.monotonic(), 0.0))


def outward_of(installation: Installation) -> Outward:
    """Return who an installation tells; its Apprise is imported only where somebody is."""
    if installation.demo:
        return Outward(silent=DEMO_SILENT)
    urls = installation.settings.alarms.urls
    return Outward(apprise_targets("" if urls is None else urls.get_secret_value()))

"""Takes the steps of a stop one after the other, whatever becomes of each."""

import time
from collections.abc import Callable
from pathlib import Path

from core.journal.errors import JournalError
from ops.backup.errors import BackupError
from ops.emergency.emergency_log import EmergencyLog
from ops.emergency.proof import Step
from ops.logging_setup import escaped


class StepFailedError(Exception):
    """A step does not hold; the message says why."""


class Record:
    """
    What was done, in memory, in the log and to whoever listens.

    Args:
        heard: Called with each step as it ends.
    """

    def __init__(self, logs: Path, heard: Callable[[Step], None]) -> None:
        self.log = EmergencyLog(logs)
        self.steps: list[Step] = []
        self.begun_ms = time.time_ns() // 1_000_000
        self._begun_s = time.monotonic()
        self._heard = heard

    def take(self, name: str, action: Callable[[], str]) -> bool:
        """
        Take one step; tell whether it holds.

        Args:
            name: Of the step.
            action: Returns what was done; whatever it raises is why the step does not hold.
        """
        at_ms, began_s = time.time_ns() // 1_000_000, time.monotonic()
        try:
            result, held = action(), True
        except (StepFailedError, BackupError, JournalError) as error:
            result, held = str(error), False
        except Exception as error:  # noqa: BLE001 - whatever it is, the next step must be taken
            result, held = f"{type(error).__name__}: {error}", False
        now_s = time.monotonic()
        step = Step(name, at_ms, now_s - began_s, now_s - self._begun_s, held, escaped(result))
        self.steps.append(step)
        self.log.write(step.words)
        self._heard(step)
        return held

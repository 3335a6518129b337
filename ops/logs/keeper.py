"""What a long-lived process does for its logs beside writing them."""

import threading
from pathlib import Path
from typing import Final

from ops.logs.console import bound_console
from ops.logs.levels import AskedLevel
from ops.logs.rotation import Rotation

LOOK_EVERY_S: Final = 2.0


class LogKeeper:
    """
    Obey wishes for another level, and keep ``console.log`` small: a daemon thread.

    Args:
        asked: What was asked of this process.
        console: The file.
        rotation: When it is full.
    """

    def __init__(self, asked: AskedLevel, console: Path, rotation: Rotation) -> None:
        self._asked = asked
        self._console = console
        self._rotation = rotation
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what it does by then takes milliseconds."""
        self._ending.set()
        self._thread.join()

    def look(self) -> None:
        """Do what is due now."""
        self._asked.look()
        bound_console(self._console, self._rotation)

    def _run(self) -> None:
        while not self._ending.wait(LOOK_EVERY_S):
            self.look()

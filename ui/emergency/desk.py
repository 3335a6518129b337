"""Carries out the emergency stop and the resumption, in a thread that nothing else can occupy."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from core.config import Home, Positions
from core.emergency_latch import EmergencyLatch
from ops.alarms.emergency import tell_emergency
from ops.emergency.proof import Proof, Step
from ops.emergency.relaunch import relaunch
from ops.emergency.release import release, revive
from ops.emergency.stop import emergency_stop
from ops.launch import Installation
from ops.processes import Role, running
from ui.emergency.reading import Emergency, Row, logged_rows, of_proof, set_by

logger = logging.getLogger(__name__)


class StillStoppingError(Exception):
    """A stop is being carried out; the message says so."""


class Stop(Protocol):
    """`ops.emergency.stop.emergency_stop`."""

    def __call__(
        self,
        home: Home,
        *,
        who: str,
        reason: str,
        spare: Role | None,
        close: bool,
        heard: Callable[[Step], None],
    ) -> Proof:
        """Stop a home; blocks and never raises."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the desk works with; tests bring their own."""

    stop: Stop = emergency_stop
    release: Callable[..., bool] = release
    revive: Callable[[Home], bool] = revive
    relaunch: Callable[[Installation], object] = relaunch
    tell: Callable[..., str] = tell_emergency


class EmergencyDesk:
    """
    One installation's emergency stop, as its page asks for it.

    Args:
        installation: What is stopped and, when no supervisor is left, started again.
        means: How.
    """

    def __init__(self, installation: Installation, means: Means | None = None) -> None:
        self._installation = installation
        self._means = means or Means()
        self._latch = EmergencyLatch(installation.home.emergency_latch)
        # Of its own: a locked database may hold every thread that the page reads in.
        self._worker = ThreadPoolExecutor(1, "emergency")
        self._lock = threading.Lock()
        self._rows: tuple[Row, ...] = ()
        self._proof: Proof | None = None
        self._stopping = False

    def state(self) -> Emergency:
        """Return what is known now; looks at the latch and, for a stop of others, at the log."""
        latched = self._latch()
        with self._lock:
            if not (latched or self._stopping or self._failed()):
                self._rows, self._proof = (), None  # resumed, or never stopped
                return Emergency()
            rows, proof, stopping = self._rows, self._proof, self._stopping
        if proof is None and not stopping:
            rows = logged_rows(self._installation.home.logs)
        at, who, why = set_by(latched)
        verdict, backup = ("", "") if proof is None else of_proof(proof)
        return Emergency(latched, at, who, why, stopping, rows, verdict, backup)

    def begin(self, who: str, reason: str) -> bool:
        """Begin to stop everything but this page; False when that is already being done."""
        with self._lock:
            if self._stopping:
                return False
            self._stopping, self._rows, self._proof = True, (), None
        try:
            self._worker.submit(self._stop, who, reason)
        except RuntimeError:  # the system gives us no thread: the page waits meanwhile
            self._stop(who, reason)
        return True

    def resume(self, who: str, reason: str) -> "Future[str]":
        """
        Let go of the latch and have the engine started again.

        Returns:
            What was done, for people. Its exceptions are `ValueError` for words that are none,
            and `ops.emergency.latch.LatchError`.

        Raises:
            StillStoppingError: If a stop is being carried out.
        """
        with self._lock:
            if self._stopping:
                raise StillStoppingError("The stop is still being carried out.")
        return self._worker.submit(self._resume, who, reason)

    def _stop(self, who: str, reason: str) -> None:
        positions = self._installation.settings.emergency.positions
        verdict = "It could not be carried out."
        try:
            proof = self._means.stop(
                self._installation.home,
                who=who,
                reason=reason,
                spare=Role.DASHBOARD,
                close=positions is Positions.CLOSE,
                heard=self._heard,
            )
            verdict = proof.verdict
            with self._lock:
                self._proof = proof
        finally:
            with self._lock:
                self._stopping = False
            told = self._means.tell(self._installation, who=who, reason=reason, verdict=verdict)
            logger.info("emergency stop by the page: %s", told)

    def _failed(self) -> bool:
        """Whether the last stop could not even set the latch, which has to be seen."""
        return self._proof is not None and not self._proof.latched

    def _heard(self, step: Step) -> None:
        with self._lock:
            self._rows = (*self._rows, Row.of(step))

    def _resume(self, who: str, reason: str) -> str:
        home = self._installation.home
        released = self._means.release(home, who=who, reason=reason)
        with self._lock:
            was_stopped = self._proof is not None
            self._rows, self._proof = (), None
        if not (released or was_stopped):
            return "No emergency stop was set."
        if self._means.revive(home):
            return "Resumed. The supervisor starts the engine."
        if running(home.run, Role.ENGINE) is not None:
            return "Resumed. The engine goes on."
        try:
            self._means.relaunch(self._installation)
        except OSError as error:
            command = "make demo" if self._installation.demo else "make start"
            return f"Resumed, but nothing could be started ({error}). In a terminal: {command}"
        return "Resumed. Everything is started again; this page comes back by itself."

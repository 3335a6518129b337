"""Letting go of the emergency latch, which only a person does, with a reason."""

import os
import signal

from core.config import Home
from core.model.resume_request import ResumeRequest
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.emergency.emergency_log import EmergencyLog
from ops.emergency.latch import LatchError, let_go
from ops.logging_setup import hiding
from ops.logs.known_secrets import secrets_at_hand
from ops.processes import Role, running


def release(home: Home, *, who: str, reason: str) -> bool:
    """
    Let go of the latch of a home, and write down who did it and why.

    Who and why are in ``logs/emergency.log`` before anything can trade. Drawdown breakers are
    another matter: see `ops.trading_resume`.

    Returns:
        Whether it was set.

    Raises:
        LatchError: If it cannot be taken away, or this cannot be written down.
        ValueError: If ``who`` or ``reason`` is no line of words.
    """
    ResumeRequest(1, who, reason)  # the same words are fit for both
    if not os.path.lexists(home.emergency_latch):
        return False
    reason = hiding(secrets_at_hand())(reason)
    log = EmergencyLog(home.logs)
    log.write(f"RESUMED home={home.root} who={who} reason={reason}")
    log.close()
    if log.fault:
        raise LatchError(f"the latch stays, as this cannot be written down: {log.fault}")
    if not let_go(home.emergency_latch):
        return False  # somebody else has
    append_audit(home, Action.RESUME, who=who, detail=f"emergency latch: {reason}")
    return True


def revive(home: Home) -> bool:
    """Have the supervisor of a home start its engine again; False when none runs."""
    supervisor = running(home.run, Role.SUPERVISOR)
    if supervisor is None:
        return False
    try:
        os.kill(supervisor.pid, signal.SIGHUP)
    except OSError:  # it has just ended
        return False
    return True

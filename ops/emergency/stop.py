"""
The emergency stop: latch, end the processes, keep or close positions, back up.

No step depends on the one before it: a locked journal, a full disk or a process that cannot be
killed makes its own step fail and none other.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.config import Home
from core.emergency_latch import EmergencyLatch
from core.journal.database import database_url
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.backup.create import create_backup
from ops.emergency.ending import GRACE_S, Asked, ask, await_end, found
from ops.emergency.latch import ALREADY, set_latch
from ops.emergency.positions import close_positions
from ops.emergency.proof import BACKUP, LATCH, LOG, POSITIONS, Proof, Step, clock_text
from ops.emergency.record import Record, StepFailedError
from ops.logging_setup import escaped, hiding
from ops.logs.known_secrets import secrets_at_hand
from ops.processes import Role

_LOOKS = 3  # at the processes: one may have been about to start when the first was taken
_LONGEST_WORDS = 400  # of a line of the log


def emergency_stop(
    home: Home,
    *,
    who: str,
    reason: str,
    spare: Role | None = None,
    close: bool = False,
    latched: str = "",
    heard: Callable[[Step], None] = lambda _: None,
    backup: Callable[[Home], Path] = create_backup,
) -> Proof:
    """
    Stop everything of a home, so that nothing trades until somebody resumes by hand.

    It blocks for up to four seconds and as long as the backup takes: call it in a thread. It
    raises nothing; what failed is in the proof.

    Args:
        home: Its directories need not exist.
        who: Name of the account on this machine that asks.
        reason: In that person's words.
        spare: The role that calls, which goes on; `Role.DASHBOARD` from the page.
        close: Have open positions closed; they are kept otherwise.
        latched: How `latch_at_once` has set the latch for this stop.
        heard: Called with each step as it ends.
        backup: Makes the backup, for tests.
    """
    who, reason = _line(who) or "unknown", _line(reason) or "none given"
    record = Record(home.logs, heard)
    words = f"{clock_text(record.begun_ms)} {who}: {reason}"
    record.take(LATCH, partial(_latched, home.emergency_latch, words, latched))
    reason = hiding(secrets_at_hand())(reason)
    record.log.write(f"EMERGENCY STOP TRIGGERED home={home.root} who={who} reason={reason}")
    engine_ended = _end_processes(home, spare, record)
    record.take(POSITIONS, partial(_positions, home, close=close, engine_ended=engine_ended))
    made: list[Path] = []
    record.take(BACKUP, partial(_backed_up, home, backup, made))
    record.take(LOG, partial(_logged, home, record))
    proof = Proof(
        home=home.root,
        who=who,
        reason=reason,
        begun_ms=record.begun_ms,
        steps=tuple(record.steps),
        backup=made[0] if made else None,
    )
    record.log.write(proof.verdict)
    record.log.close()
    # Last of all: whatever holds it up holds up nothing else.
    append_audit(home, Action.STOP, who=who, detail=f"emergency stop: {reason}: {proof.verdict}")
    return proof


def _line(words: str) -> str:
    return escaped(words.strip())[:_LONGEST_WORDS]


def _latched(path: Path, words: str, before: str) -> str:
    how = set_latch(path, words)
    if how == ALREADY and before not in ("", ALREADY):
        how = f"{before} at once"
    if not EmergencyLatch(path)():
        raise StepFailedError(f"{path} is there, but is not seen")
    return f"{path} {how}"


def _end_processes(home: Home, spare: Role | None, record: Record) -> bool:
    """End what runs but for whom is spared; tell whether no engine is left."""
    # The page of a demo draws the simulator's market.
    spared = () if spare is None else (spare, Role.SIMULATOR)
    roles = [role for role in Role if role not in spared]
    seen: set[Role] = set()
    engine_ended = True
    for _ in range(_LOOKS):
        asked = _asked(home, roles, spare, record)
        deadline_s = time.monotonic() + GRACE_S
        for told in asked:
            held = record.take(told.role.value, partial(_ended, told, deadline_s, home))
            engine_ended = engine_ended and (held or told.role is not Role.ENGINE)
            seen.add(told.role)
        if not asked:
            break
    for role in Role:
        if role not in seen:
            words = "spared: it goes on" if role in spared else "was not running"
            record.take(role.value, partial(str, words))
    return engine_ended


def _asked(home: Home, roles: list[Role], spare: Role | None, record: Record) -> list[Asked]:
    try:
        return [
            # On TERM the supervisor would end whom we spare.
            ask(role, identity, abrupt=spare is not None and role is Role.SUPERVISOR)
            for role, identity in found(home, roles)
        ]
    except Exception as error:  # noqa: BLE001 - the backup is still to be made
        reason = f"{type(error).__name__}: {error}"
        record.take("processes", partial(_fail, reason))
        return []


def _fail(reason: str) -> str:
    raise StepFailedError(reason)


def _ended(told: Asked, deadline_s: float, home: Home) -> str:
    gone, result = await_end(told, deadline_s, home.run)
    return result if gone else _fail(result)


def _positions(home: Home, *, close: bool, engine_ended: bool) -> str:
    if not close:
        return "kept: their stops and targets count again once the engine has been resumed"
    if not engine_ended:
        raise StepFailedError("not closed: the engine is still there and may be writing them")
    return close_positions(database_url(home.database))


def _backed_up(home: Home, backup: Callable[[Home], Path], made: list[Path]) -> str:
    made.append(backup(home))
    return str(made[0])


def _logged(home: Home, record: Record) -> str:
    if record.log.fault:
        raise StepFailedError(record.log.fault)
    return str(home.logs / "emergency.log")

"""Tells people outside of an emergency stop, which ends whoever else could."""

import threading
from typing import Final

from ops.alarms.apprise_target import AppriseTarget, apprise_targets
from ops.alarms.message import Message, Tone
from ops.alarms.outward import DEMO_SILENT, NO_TARGET
from ops.alarms.writing import Writer
from ops.launch import Installation

PATIENCE_S: Final = 6.0
"""Longer than a target that is there takes; the stop itself is over before."""


def tell_emergency(
    installation: Installation,
    *,
    who: str,
    reason: str,
    verdict: str,
    timeout_s: float = PATIENCE_S,
) -> str:
    """
    Tell every target that everything was stopped; return what came of it, for people.

    Call it after the last step: it blocks for up to ``timeout_s``, and raises nothing.
    """
    if installation.demo:
        return DEMO_SILENT
    urls = installation.settings.alarms.urls
    if urls is None or not urls.get_secret_value().strip():
        return NO_TARGET
    message = Writer.of(installation).said(
        "[CRITICAL] EMERGENCY STOP",
        [
            f"By: {who}",
            f"Reason: {reason or 'none given'}",
            verdict,
            "Nothing trades until somebody resumes: make resume",
        ],
        Tone.CRITICAL,
    )
    went: list[str] = []
    lost: list[str] = []
    worker = threading.Thread(
        target=_send, args=(urls.get_secret_value(), message, went, lost), daemon=True
    )
    worker.start()
    worker.join(timeout_s)
    late = ", not all within the time" if worker.is_alive() else ""
    failed = f", NOT told: {'; '.join(lost)}" if lost else ""
    return f"told outside: {'; '.join(went) or 'nobody'}{failed}{late}"


def _send(urls: str, message: Message, went: list[str], lost: list[str]) -> None:
    """Each in a thread of its own: one that hangs must not hold up the others."""

    def send(target: AppriseTarget) -> None:
        (went if target.send(message) else lost).append(target.name)

    threads = [
        threading.Thread(target=send, args=(target,), daemon=True)
        for target in apprise_targets(urls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

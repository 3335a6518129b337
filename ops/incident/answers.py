"""What running processes say of themselves, and the doctor of the installation."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Final

from core.config import REPOSITORY, Home
from ops.ports import LOOPBACK
from ops.processes import Role, running

PATHS: Final = ("/health", "/health/detailed", "/health/database", "/metrics")
_ANSWER_S: Final = 2.0
_DOCTOR_S: Final = 14.0
_MOST_BYTES: Final = 4_000_000


def questions(home: Home, token: str = "") -> dict[str, Callable[[], str]]:
    """
    Return what engine and dashboard can be asked, by name; a fault is an answer, too.

    Args:
        home: Whose processes.
        token: ``DASHBOARD_TOKEN``, where the page asks for one.
    """
    found = [(role, running(home.run, role)) for role in (Role.ENGINE, Role.DASHBOARD)]
    return {
        f"answers/{role}{path.replace('/', '_')}.txt": partial(
            _answer, f"http://{LOOPBACK}:{who.port}{path}", token
        )
        for role, who in found
        if who is not None and who.port
        for path in PATHS
    }


def _answer(address: str, token: str) -> str:
    request = urllib.request.Request(address)  # noqa: S310 - always http, on loopback
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_S) as response:  # noqa: S310
            status, body = response.status, response.read(_MOST_BYTES)
    except urllib.error.HTTPError as error:
        with error:
            status, body = error.code, error.read(_MOST_BYTES)
    except (OSError, ValueError) as error:
        return f"{address}: no answer: {error}"
    return f"{address}: {status}\n{body.decode('utf-8', 'replace')}"


def doctor(home: Home) -> str:
    """Return what ``main.py doctor`` prints of a home, as far as it comes in time."""
    command = [sys.executable, str(REPOSITORY / "main.py"), "doctor"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and entry point
            command,
            env={**os.environ, "TRADING_HOME": str(home.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_DOCTOR_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return f"{_text(error.stdout)}\nnot done within {_DOCTOR_S:.0f} s"
    return f"{_text(done.stdout)}\nstatus {done.returncode}"


def _text(output: bytes | None) -> str:
    return (output or b"").decode("utf-8", "replace")

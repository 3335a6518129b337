"""The secret behind sessions and the page's token, kept in a file that only we may read."""

import hashlib
import hmac
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

_BYTES = 32
_OURS_ALONE = 0o600


class ServerKey:
    """
    A random key that outlives the server.

    What cannot be read or written is logged, and the key then lives in memory: a full disk must
    not keep the page from starting.

    Args:
        path: Where it is kept; None keeps it in memory only.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._value = self._kept() or self._made()

    def derived(self, use: str) -> bytes:
        """Return a key for one use, from which no other can be told."""
        return hmac.digest(self._value, use.encode(), hashlib.sha256)

    def renew(self) -> None:
        """Take a new key: nothing that was signed before counts any more."""
        self._value = self._made()

    def _kept(self) -> bytes | None:
        if self._path is None:
            return None
        try:
            opened = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                os.fchmod(opened, _OURS_ALONE)
                found = os.read(opened, _BYTES + 1)
            finally:
                os.close(opened)
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("session key cannot be read: reason=%s", error)
            return None
        return found if len(found) == _BYTES else None

    def _made(self) -> bytes:
        value = secrets.token_bytes(_BYTES)
        if self._path is None:
            return value
        beside = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}")
        try:
            opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OURS_ALONE)
            try:
                os.write(opened, value)
                os.fsync(opened)
            finally:
                os.close(opened)
            beside.replace(self._path)
        except OSError as error:
            logger.warning("session key cannot be kept, sessions end with us: reason=%s", error)
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        return value

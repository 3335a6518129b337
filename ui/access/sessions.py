"""Sessions as signed cookies: nothing is kept of them but the key."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

IDLE_S: Final = 12 * 3600
LONGEST_S: Final = 7 * 24 * 3600
_REFRESH_S = 600  # how exactly the last use is known; each costs a Set-Cookie
_AHEAD_S = 60  # a clock that was set back while a session ran
_TOKEN = re.compile(
    r"(?P<begun>[0-9]{1,11})\.(?P<used>[0-9]{1,11})\.(?P<kind>[sp])(?P<nonce>[0-9a-f]{32})"
    r"\.(?P<sum>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Session:
    """
    Attributes:
        begun_s, used_s: When somebody logged in, and about when it was last used; UTC.
        is_secure: Whether its cookie goes over https only.
        nonce: Tells it from others of the same second.
    """

    begun_s: int
    used_s: int
    is_secure: bool
    nonce: str

    def lasts(self, now_s: float) -> bool:
        """Whether it has not expired."""
        return (
            self.begun_s <= self.used_s <= now_s + _AHEAD_S
            and now_s - self.used_s <= IDLE_S
            and now_s - self.begun_s <= LONGEST_S
        )


class Sessions:
    """
    Makes and checks the cookies' values.

    Args:
        key: Returns what they are signed with; another key ends them all.
        clock_s: UTC.
    """

    def __init__(self, key: Callable[[], bytes], clock_s: Callable[[], float]) -> None:
        self._key = key
        self._clock_s = clock_s

    def begin(self, *, is_secure: bool) -> str:
        """Return the cookie of a new session."""
        now_s = int(self._clock_s())
        return self._signed(Session(now_s, now_s, is_secure, secrets.token_hex(16)))

    def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie; None when it is forged, expired or none."""
        found = self._told(cookie)
        return found if found is not None and found.lasts(self._clock_s()) else None

    def goes_on(self, cookie: str) -> bool:
        """
        Whether the session of a cookie may still be used by whoever began to in time.

        An open socket has no newer cookie than the one it came with, and is in use.
        """
        found = self._told(cookie)
        return found is not None and self._clock_s() - found.begun_s <= LONGEST_S

    def _told(self, cookie: str) -> Session | None:
        """Return what a cookie of ours says; None when it is not ours."""
        match = _TOKEN.fullmatch(cookie)
        if match is None or not hmac.compare_digest(
            self._sum(cookie.rpartition(".")[0]), match["sum"]
        ):
            return None
        return Session(
            int(match["begun"]), int(match["used"]), match["kind"] == "s", match["nonce"]
        )

    def refreshed(self, session: Session) -> str | None:
        """Return the cookie that says it was used now; None while the present one will do."""
        now_s = int(self._clock_s())
        if now_s - session.used_s < _REFRESH_S:
            return None
        return self._signed(replace(session, used_s=now_s))

    def _signed(self, session: Session) -> str:
        kind = "s" if session.is_secure else "p"
        told = f"{session.begun_s}.{session.used_s}.{kind}{session.nonce}"
        return f"{told}.{self._sum(told)}"

    def _sum(self, told: str) -> str:
        return hmac.new(self._key(), told.encode(), hashlib.sha256).hexdigest()

"""Who may use the page: whoever logged in, and programs with the token."""

import asyncio
import hmac
import time
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

from core.config import DashboardSettings
from core.config.password_hash import PasswordHash
from ui.access.attempt_limit import AttemptLimit
from ui.access.server_key import ServerKey
from ui.access.sessions import LONGEST_S, Session, Sessions

_BEARER = "bearer "


class Access:
    """
    Decides for the gate.

    Args:
        settings: With a password hash there is a gate; without one there is none.
        key: Signs sessions.
        clock_s: UTC seconds.
        monotonic: Seconds that never jump.
    """

    def __init__(
        self,
        settings: DashboardSettings,
        key: ServerKey | None = None,
        *,
        clock_s: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        hashed, token = settings.password_hash, settings.token
        self._hash = None if hashed is None else PasswordHash.parse(hashed.get_secret_value())
        self._token = "" if token is None else token.get_secret_value()
        self._key = key or ServerKey()
        self._attempts = AttemptLimit(monotonic)
        self._guessing = asyncio.Lock()  # a hash takes 32 MB: one at a time
        self._cookie = f"trading_session_{settings.port}"  # cookies do not know ports
        self.sessions = Sessions(self._signing_key, clock_s)

    @property
    def has_password(self) -> bool:
        """Whether anybody has to log in."""
        return self._hash is not None

    def session(self, headers: Headers) -> Session | None:
        """Return the session that a request belongs to."""
        return self.sessions.find(_cookie(headers.get("cookie", ""), self._cookie))

    def goes_on(self, headers: Headers) -> bool:
        """Whether the session of a request has not ended since, though it may be idle."""
        return self.sessions.goes_on(_cookie(headers.get("cookie", ""), self._cookie))

    def is_program(self, headers: Headers) -> bool:
        """Whether a request carries the token."""
        given = headers.get("authorization", "")
        is_bearer = given[: len(_BEARER)].lower() == _BEARER
        same = hmac.compare_digest(given[len(_BEARER) :].encode(), self._token.encode())
        return bool(self._token) and is_bearer and same

    async def attempt(self, client: str, password: str) -> str:
        """Return why a password does not let a client in; empty when it does."""
        wait_s = self._attempts.attempt(client)
        if wait_s > 0.0:
            return f"Too many attempts. Try again in {wait_s + 1:.0f} s."
        async with self._guessing:
            matches = self._hash is not None and await asyncio.to_thread(
                self._hash.matches, password
            )
        if not matches:
            return "This is not the password."
        self._attempts.succeeded(client)
        return ""

    def set_cookie(self, value: str, *, is_secure: bool) -> str:
        """Return the Set-Cookie header of a session."""
        secure = "; Secure" if is_secure else ""
        return (
            f"{self._cookie}={value}; Path=/; Max-Age={LONGEST_S}; HttpOnly; SameSite=Strict"
            f"{secure}"
        )

    def end_all(self) -> None:
        """End every session of this installation."""
        self._key.renew()

    def _signing_key(self) -> bytes:
        """Return the key; another password has another, so that it ends what the old one began."""
        return self._key.derived(f"sessions {self._hash.line if self._hash else ''}")


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return "" if found is None else found.value

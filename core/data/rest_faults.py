"""What an HTTP refusal means: try again, when, or give up. Pure."""

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

# Longer than the shortest ban (2 minutes) there is no point in keeping a caller waiting.
LONGEST_WAIT_S = 150.0
_TOO_MANY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.IM_A_TEAPOT}
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")
_PLAIN = {
    HTTPStatus.FORBIDDEN: "blocked by the exchange's firewall",
    HTTPStatus.IM_A_TEAPOT: "this address is banned for too many requests",
    HTTPStatus.TOO_MANY_REQUESTS: "too many requests",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "the exchange does not serve this location",
}
_SHOWN = 120


class HttpFault(Exception):  # noqa: N818 - becomes a RestError, never leaves the package
    """
    An answer that is no success.

    Attributes:
        text: The body; JSON from the exchange, HTML from what stands before it.
    """

    def __init__(
        self, status: int, text: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.text = text
        self.headers = headers or {}

    def __str__(self) -> str:
        code, message = _code_and_message(self.text)
        plain = _PLAIN.get(HTTPStatus(self.status)) if self.status in set(HTTPStatus) else None
        parts = [f"HTTP {self.status}"]
        if plain:
            parts.append(f"({plain})")
        if code is not None:
            parts.append(f"code {code}")
        return " ".join([*parts, message]).strip()

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        return (
            self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            or self.status == HTTPStatus.REQUEST_TIMEOUT
            or self.status in _TOO_MANY
        )

    @property
    def closes_all(self) -> bool:
        """Whether it is about our address, so that any other request would make it worse."""
        return self.status in _TOO_MANY

    def told_wait_s(self, now_ms: int) -> float | None:
        """
        Return how long the exchange wants us to wait; None when it does not say.

        ``Retry-After`` is documented for spot only; futures tell the end of a ban in the text.
        That is compared with the ``Date`` of the same answer, for our own clock may be wrong.

        Args:
            now_ms: Local time; counts where the answer has no date.
        """
        header = self._header("retry-after")
        if re.fullmatch(r"\d{1,9}", header.strip()):
            return float(header)
        until = _BANNED_UNTIL.search(self.text)
        if until is None:
            return None
        try:
            answered_ms = int(parsedate_to_datetime(self._header("date")).timestamp() * 1000)
        except ValueError:
            answered_ms = now_ms
        return max(0.0, (int(until[1]) - answered_ms) / 1000)

    def _header(self, name: str) -> str:
        return next((value for key, value in self.headers.items() if key.lower() == name), "")


def _code_and_message(text: str) -> tuple[object, str]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None, f"no JSON in the answer: {' '.join(text.split())[:_SHOWN]!r}"
    if not isinstance(body, dict):
        return None, f"an unexpected answer: {text[:_SHOWN]!r}"
    return body.get("code"), str(body.get("msg", ""))[:_SHOWN]

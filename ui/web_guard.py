"""
Who may talk to the page: browsers on this machine that loaded it from here.

A page of another site can make a browser send requests to loopback; the Host header
unmasks a name that was rebound to it, the Origin header a foreign page.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD"})


class WebGuard:
    """Refuse foreign hosts and origins with 403; put security headers on every answer."""

    def __init__(self, app: ASGIApp, *, content_security_policy: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": content_security_policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        headers = Headers(scope=scope)
        reads_only = scope["method"] in _SAFE_METHODS
        if is_welcome(headers.get("host"), None if reads_only else headers.get("origin")):
            await self._app(scope, receive, guarded)
        else:
            refusal = PlainTextResponse("refused: not from this machine's page", status_code=403)
            await refusal(scope, receive, guarded)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if is_welcome(headers.get("host"), headers.get("origin")):
            await self._app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403


def is_welcome(host: str | None, origin: str | None) -> bool:
    """
    Whether a request comes from this machine's page.

    Args:
        host: The Host header.
        origin: The Origin header; None when there is none, as from a command line.
    """
    if host is None or _hostname(f"//{host}") not in _LOOPBACK:
        return False
    if origin is None:
        return True
    return origin.lower() in {f"http://{host.lower()}", f"https://{host.lower()}"}


def _hostname(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is not a number
    except ValueError:
        return None
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return parts.hostname

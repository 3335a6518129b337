"""
Who may talk to the page: browsers that loaded it from here, by a name we know.

A page of another site can make a browser send requests to loopback; the Host header
unmasks a name that was rebound to it, the Origin header a foreign page.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.config.dashboard import LOOPBACK_NAMES, DashboardSettings
from ui.access.body_limit import BodyTooLargeError, whole_body
from ui.access.caching import is_static

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - browsers reach this machine by them too


class WebGuard:
    """
    Refuse foreign hosts and origins with 403; put security headers on every answer.

    Args:
        app: What is guarded.
        content_security_policy: Of answers that bring none of their own.
        hosts: Names by which we may be called.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        content_security_policy: str,
        hosts: Collection[str] = LOOPBACK_NAMES,
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._headers = {
            "Content-Security-Policy": content_security_policy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
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
                told = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    told.setdefault(name, value)
                if not is_static(scope["path"]):
                    told["Cache-Control"] = "no-store"
            await send(message)

        headers = Headers(scope=scope)
        reads_only = scope["method"] in _SAFE_METHODS
        origin = None if reads_only else headers.get("origin")
        if not is_welcome(headers.get("host"), origin, self._hosts):
            refusal = PlainTextResponse("refused: not from this machine's page", status_code=403)
            await refusal(scope, receive, guarded)
            return
        try:
            body = await whole_body(receive, headers)
        except BodyTooLargeError:
            refusal = PlainTextResponse("too large", 413, headers={"Connection": "close"})
            await refusal(scope, receive, guarded)
            return
        await self._app(scope, body, guarded)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if is_welcome(headers.get("host"), headers.get("origin"), self._hosts):
            await self._app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403


def hosts_of(settings: DashboardSettings) -> frozenset[str]:
    """Return the names by which browsers may call the page."""
    own = {settings.host} - _ANY_ADDRESS
    return LOOPBACK_NAMES | own | frozenset(settings.public_hosts)


def is_welcome(
    host: str | None, origin: str | None, hosts: Collection[str] = LOOPBACK_NAMES
) -> bool:
    """
    Whether a request comes from a page of ours.

    Args:
        host: The Host header.
        origin: The Origin header; None when there is none, as from a command line.
        hosts: Names by which we may be called, in lower case.
    """
    if host is None or _hostname(f"//{host}") not in hosts:
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

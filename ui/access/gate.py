"""The gate before everything but the login itself and the sign of life."""

from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.access import login_page as page
from ui.access.access import Access
from ui.access.attempt_limit import client_of
from ui.access.caching import is_static
from ui.access.session_socket import SessionSocket

ALIVE: Final = "/health/live"
_SEE_OTHER = 303
_FIELDS = 4  # more than the form has


class Gate:
    """
    Let through who is logged in and programs with the token.

    Others get the login page where a person looks, 401 where a script asks, and no socket. It
    must stand behind `ui.web_guard.WebGuard`, which has checked Host and Origin.
    """

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        is_http = scope["type"] == "http"
        if scope["type"] not in {"http", "websocket"} or (is_http and scope["path"] == ALIVE):
            await self._app(scope, receive, send)
        elif is_http and scope["path"] == page.LOGIN:
            answer = await self._login(Request(scope, receive))
            await answer(scope, receive, send)
        else:
            await self._checked(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        session = self._access.session(headers)
        if session is None and not self._access.is_program(headers):
            await _refuse(scope, receive, send)
            return
        if scope["type"] == "websocket" and session is not None:
            socket = SessionSocket(receive, send, goes_on=lambda: self._access.goes_on(headers))
            await self._app(scope, socket.receive, socket.send)
            return
        fresh = None if session is None else self._access.sessions.refreshed(session)

        async def renewing(message: Message) -> None:
            if message["type"] == "http.response.start" and fresh is not None:
                is_secure = session is not None and session.is_secure
                cookie = self._access.set_cookie(fresh, is_secure=is_secure)
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        keeps = scope["type"] == "websocket" or fresh is None or is_static(scope["path"])
        await self._app(scope, receive, send if keeps else renewing)

    async def _login(self, request: Request) -> Response:
        if request.method in {"GET", "HEAD"}:
            target = page.local_target(request.query_params.get("next", "/"))
            if self._access.session(request.headers) is not None:
                return RedirectResponse(target, _SEE_OTHER)
            return HTMLResponse(page.login_page(target), headers=page.HEADERS)
        if request.method != "POST":
            return _told(405, "Log in with a form.")
        origin = request.headers.get("origin")
        if origin is None:  # WebGuard has refused a foreign one
            return _told(403, "A browser says where a form comes from.")
        fields = _fields(await request.body())
        target = page.local_target(fields.get("next", "/"))
        client = client_of(*request.client) if request.client else ""
        fault = await self._access.attempt(client, fields.get("password", ""))
        if fault:
            status = 429 if fault.startswith("Too many") else 403
            return HTMLResponse(page.login_page(target, fault), status, headers=page.HEADERS)
        is_secure = request.url.scheme == "https" or origin.lower().startswith("https://")
        answer = RedirectResponse(target, _SEE_OTHER)
        value = self._access.sessions.begin(is_secure=is_secure)
        answer.headers["set-cookie"] = self._access.set_cookie(value, is_secure=is_secure)
        return answer


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403
        return
    request = Request(scope)
    looks = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    query = f"?{request.url.query}" if request.url.query else ""
    answer: Response = (
        RedirectResponse(
            page.login_address(page.local_target(f"{request.url.path}{query}")), _SEE_OTHER
        )
        if looks
        else _told(401, "Log in first.")
    )
    await answer(scope, receive, send)


def _told(status: int, words: str) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None  # noqa: PLR2004 - as RFC 9110 asks
    return JSONResponse({"detail": words}, status, headers=headers)


def _fields(body: bytes) -> dict[str, str]:
    try:
        found = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}

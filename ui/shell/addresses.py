"""The addresses of the other pages: all are the same document, whose scripts show the right one."""

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.shell.regions import PAGES

_OTHERS = frozenset(path for _, _, path in PAGES[1:])


class PageAddresses:
    """Answer the address of each page as ``/`` is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"].rstrip("/") in _OTHERS:
            scope = {**scope, "path": "/", "raw_path": b"/"}
        await self._app(scope, receive, send)

"""What a person is told who opens an address that leads nowhere."""

from html import escape
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from ui.shell.regions import PAGES

_NOT_FOUND: Final = 404
_LONGEST_TOLD: Final = 80


def tell_of_unknown_addresses(server: FastAPI) -> None:
    """Answer a browser with a page that leads back; programs get JSON as before."""

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - FastAPI calls it for nothing else
        wants_page = "text/html" in request.headers.get("accept", "")
        if error.status_code != _NOT_FOUND or not wants_page:
            return await http_exception_handler(request, error)
        return HTMLResponse(_page(request.url.path), _NOT_FOUND)

    server.add_exception_handler(HTTPException, unknown)


def _page(path: str) -> str:
    told = path if len(path) <= _LONGEST_TOLD else f"{path[:_LONGEST_TOLD]}…"
    links = " ".join(f'<a class="page-link" href="{to}">{title}</a>' for _, title, to in PAGES)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page: DeepSeek Trading Dashboard</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
<script src="/assets/early.js"></script>
<link rel="stylesheet" href="/assets/theme.css">
<link rel="stylesheet" href="/assets/page.css">
</head>
<body>
<main class="paper">
<h1>No such page</h1>
<p>There is nothing at <code>{escape(told)}</code>.</p>
<nav class="pages" aria-label="Pages">{links}</nav>
</main>
</body>
</html>
"""

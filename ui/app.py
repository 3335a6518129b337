"""The dashboard as one ASGI application: Dash on FastAPI, behind the guard."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from dash import Dash
from fastapi import FastAPI

from ui import routes
from ui.callbacks import chart, live, picker
from ui.layout import page
from ui.live_service import LiveService
from ui.services import Services
from ui.web_guard import WebGuard

TITLE = "DeepSeek Trading Dashboard"
_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>
"""


def create_app(services: Services) -> FastAPI:
    """
    Build the page.

    Run it with one worker, ``lifespan="off"`` and ``ws="websockets-sansio"``, on the
    event loop that runs the feed; nothing is started before the first request.
    """
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    service = LiveService(services)
    routes.attach(server, services, service)
    app = Dash(
        __name__,
        server=cast(Any, server),  # Dash's annotation knows Flask only
        title=TITLE,
        update_title="",
        index_string=_INDEX,
        assets_folder=str(Path(__file__).parent / "assets"),
        serve_locally=True,
        websocket_inactivity_timeout=0,
        enable_mcp=False,
        add_log_handler=False,
    )
    app.layout = lambda: page(services)
    chart.register(app, service)
    live.register(app, service)
    picker.register(app)
    server.add_middleware(WebGuard, content_security_policy=_policy(app.csp_hashes()))
    return server


def _policy(script_hashes: Sequence[str]) -> str:
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(script_hashes)}",
            "style-src 'self' 'unsafe-inline'",  # Plotly, Mantine and AG Grid style inline
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )

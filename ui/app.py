"""The dashboard as one ASGI application: Dash on FastAPI, behind the guard."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from dash import Dash
from fastapi import FastAPI

from ops.metrics_export.exposition import Exposition
from ui import routes
from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.access.gate import Gate
from ui.callbacks import chart, live, picker, shell
from ui.feature import Feature
from ui.health_routes import TimedAnswers
from ui.layout import page
from ui.live_service import LiveService
from ui.metrics_routes import metrics_router
from ui.refused_requests import tell_in_words
from ui.services import Services
from ui.shell.addresses import PageAddresses
from ui.unknown_address import tell_of_unknown_addresses
from ui.web_guard import WebGuard, hosts_of

TITLE = "DeepSeek Trading Dashboard"
_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
<script src="/assets/embed.js"></script>
<script src="/assets/early.js"></script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>
"""


def create_app(
    services: Services,
    features: Sequence[Feature] = (),
    actions: ActionToken | None = None,
    access: Access | None = None,
    metrics: Callable[[LiveService], Exposition] | None = None,
) -> FastAPI:
    """
    Build the page, with what ``features`` add to it.

    Run it with one worker, ``lifespan="off"`` and ``ws="websockets-sansio"``, on the
    event loop that runs the feed; nothing is started before the first request.
    """
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    tell_in_words(server)
    tell_of_unknown_addresses(server)
    panels = [panel for feature in features for panel in feature.panels]
    service = LiveService(services, panels=panels)
    routes.attach(server, services, service)
    if metrics is not None:
        server.include_router(metrics_router(metrics(service)))
    for feature in features:
        if feature.router is not None:
            server.include_router(feature.router)
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
    token = (actions or ActionToken()).value
    app.layout = lambda: page(services, features, token)
    chart.register(app)
    live.register(app, service)
    picker.register(app)
    shell.register(app)
    for feature in features:
        feature.register(app)
    server.add_middleware(PageAddresses)
    settings = services.settings.dashboard
    access = access or Access(settings)
    if access.has_password:
        server.add_middleware(Gate, access=access)
    server.add_middleware(
        WebGuard,
        content_security_policy=_policy(app.csp_hashes()),
        hosts=hosts_of(settings),
    )
    server.add_middleware(TimedAnswers, times=services.health.answers)
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
            "frame-src 'self'",  # a layout of several charts frames the page itself
            "frame-ancestors 'self'",
        )
    )

"""One guarded request to an application, without a server."""

import asyncio
import json
from typing import Any

from fastapi import FastAPI


def post(app: FastAPI, path: str, body: object, token: str) -> tuple[int, Any]:
    """Return status and JSON of the answer."""
    sent: list[Any] = []
    content = {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}
    requests = iter([content])

    async def receive() -> Any:
        return next(requests, None) or await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"x-trading-token", token.encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8050),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], json.loads(b"".join(m.get("body", b"") for m in sent[1:]))

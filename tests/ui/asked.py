"""One request to an ASGI application, without a server."""

import asyncio
from collections.abc import Sequence
from typing import Any

Header = tuple[str, str]


class Answer:
    """Status, headers and body."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.status: int = sent[0].get("status", 0)
        self.all_headers = [(n.decode(), v.decode()) for n, v in sent[0].get("headers", [])]
        self.headers = dict(self.all_headers)
        self.text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
        self.kinds = [message["type"] for message in sent]


def ask(
    app: Any,
    path: str,
    *,
    method: str = "GET",
    body: bytes | Sequence[bytes] = b"",
    headers: Sequence[Header] = (),
    kind: str = "http",
    scheme: str = "http",
    client: str = "127.0.0.1",
) -> Answer:
    """
    Ask and return the answer.

    Args:
        body: Whole, or in pieces.
        headers: Besides or instead of Host.
    """
    sent: list[dict[str, Any]] = []
    pieces = [body] if isinstance(body, bytes) else list(body)
    waiting: list[dict[str, Any]] = (
        [{"type": "websocket.connect"}]
        if kind == "websocket"
        else [
            {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1}
            for n, piece in enumerate(pieces)
        ]
    )

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    given = {"host": "127.0.0.1:8050"} | {name.lower(): value for name, value in headers}
    route, _, query = path.partition("?")
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": route,
        "raw_path": route.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()
        ],
        "client": (client, 1),
        "server": ("127.0.0.1", 8050),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    return Answer(sent)

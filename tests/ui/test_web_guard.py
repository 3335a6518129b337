import asyncio

import pytest

from ui.web_guard import WebGuard, is_welcome


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8050", "localhost:8050", "LOCALHOST:1", "[::1]:8050", "[::1]"]
)
def test_this_machine_is_welcome_on_any_port(host):
    assert is_welcome(host, None)
    assert is_welcome(host, f"http://{host}")


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:8050",
        "127.0.0.1.evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1@evil.example",
        "127.0.0.1/evil",
        "127.0.0.1:port",
        "192.168.1.7:8050",
        "10.0.0.1",
        "[::2]",
        "[::1",
    ],
)
def test_any_other_host_is_not(host):
    assert not is_welcome(host, None)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        "http://127.0.0.1:9999",
        "http://localhost:8050",
        "http://127.0.0.1:8050.evil.example",
        "file://",
    ],
)
def test_a_page_of_another_origin_is_not(origin):
    assert not is_welcome("127.0.0.1:8050", origin)


async def _app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"page"})
    else:
        await send({"type": "websocket.accept"})


def _answer(kind, headers, method="GET"):
    """What the guard sends for one request."""
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": kind,
        "method": method,
        "path": "/",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    guard = WebGuard(_app, content_security_policy="default-src 'self'")
    asyncio.run(guard(scope, receive, send))
    return sent


HERE = {"host": "127.0.0.1:8050"}
FOREIGN = {**HERE, "origin": "http://evil.example"}


def test_a_page_is_served_with_security_headers():
    start = _answer("http", HERE)[0]
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert start["status"] == 200
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_foreign_requests_are_refused():
    assert _answer("http", {"host": "evil.example"})[0]["status"] == 403
    assert _answer("http", FOREIGN, "POST")[0]["status"] == 403
    assert _answer("http", {**HERE, "origin": "http://127.0.0.1:8050"}, "POST")[0]["status"] == 200


def test_a_foreign_socket_is_closed_before_it_is_accepted():
    assert [m["type"] for m in _answer("websocket", FOREIGN)] == ["websocket.close"]
    assert [m["type"] for m in _answer("websocket", HERE)] == ["websocket.accept"]

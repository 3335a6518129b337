import asyncio

import pytest

from tests.builders import settings
from tests.ui.asked import ask
from ui.access.body_limit import LARGEST_BODY
from ui.web_guard import WebGuard, hosts_of, is_welcome

HASH = "of no password"


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


def _guarded(path="/", **more):
    return ask(WebGuard(_app, content_security_policy="default-src 'self'"), path, **more)


def test_data_is_kept_nowhere_and_files_may_be():
    assert _guarded("/live/lease").headers["cache-control"] == "no-store"
    assert _guarded("/").headers["cache-control"] == "no-store"
    assert "cache-control" not in _guarded("/assets/page.css").headers
    assert "geolocation=()" in _guarded().headers["permissions-policy"]


def test_an_answer_with_a_policy_of_its_own_keeps_it():
    async def strict(scope, receive, send):
        policy = [(b"content-security-policy", b"default-src 'none'")]
        await send({"type": "http.response.start", "status": 200, "headers": policy})
        await send({"type": "http.response.body", "body": b""})

    answer = ask(WebGuard(strict, content_security_policy="default-src 'self'"), "/")
    named = [value for name, value in answer.all_headers if name == "content-security-policy"]
    assert named == ["default-src 'none'"]


async def _echo(scope, receive, send):
    message = await receive()
    body = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def _sent(body, *headers):
    guard = WebGuard(_echo, content_security_policy="")
    return ask(guard, "/x", method="POST", body=body, headers=headers)


def test_a_body_is_passed_on_up_to_the_limit():
    assert _sent([b"a" * 1000, b"", b"b" * 24]).text == "1024"
    assert _sent(b"a" * LARGEST_BODY).text == str(LARGEST_BODY)
    assert _sent(b"abc", ("content-length", "3")).text == "3"


@pytest.mark.parametrize(
    "length", [str(LARGEST_BODY + 1), "9" * 5000, "-1", "1e9", "", " 5", "5, 5", "0x10", "\xb2"]
)
def test_an_announced_length_beyond_it_or_none_at_all_is_refused(length):
    answer = _sent(b"abc", ("content-length", length))
    assert (answer.status, answer.headers["connection"]) == (413, "close")


def test_what_was_not_announced_is_counted():
    endless = [b"a" * 65_536] * 5
    assert _sent(endless).status == 413


def test_public_names_are_welcome_and_every_address_is_no_name():
    def hosts(host, *public):
        given = {"host": host, "public_hosts": public, "password_hash": HASH}
        return hosts_of(settings().dashboard.model_copy(update=given))

    assert is_welcome("desk.example:8050", None, hosts("127.0.0.1", "desk.example"))
    assert is_welcome("DESK.example", "https://desk.example", hosts("::1", "desk.example"))
    assert is_welcome("192.168.1.7:8050", None, hosts("192.168.1.7"))
    assert is_welcome("[2001:db8::7]:8050", None, hosts("::", "2001:db8::7"))
    for any_address in ("0.0.0.0", "::"):  # noqa: S104
        assert not is_welcome("0.0.0.0:8050", None, hosts(any_address))
        assert not is_welcome("[::]:8050", None, hosts(any_address))
        assert is_welcome("127.0.0.1:8050", None, hosts(any_address))
    for name in ("desk.example.evil", "xdesk.example", "desk.example.", "192.168.1.7"):
        assert not is_welcome(name, None, hosts("127.0.0.1", "desk.example")), name

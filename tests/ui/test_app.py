import asyncio
import json
from dataclasses import replace

from pydantic import SecretStr

from core.config.password_hash import PasswordHash
from core.data.sockets.health import StreamState
from core.model.gap import Gap
from tests.ui.fakes import FakeFeedStatus, stream, world
from ui.app import TITLE, create_app
from ui.feature import Feature, Part, Place

HOST = (b"host", b"127.0.0.1:8050")
PAGE = "0123456789abcdef0123456789abcdef"


def _request(app, path, *, method="GET", body=None, headers=()):
    """Status, headers and body of one request, without a server."""
    sent = []
    content = b"" if body is None else json.dumps(body).encode()

    requests = iter([{"type": "http.request", "body": content, "more_body": False}])

    async def receive():
        return next(requests, None) or await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [HOST, (b"content-type", b"application/json"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8050),
        "state": {},
    }
    asyncio.run(app(scope, receive, send))
    text = b"".join(m.get("body", b"") for m in sent[1:]).decode()
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, text


def test_a_lease_of_no_fields_is_refused_in_words():
    app = create_app(world().services)
    status, _, text = _request(app, "/live/lease", method="POST", body=float("nan"))
    assert (status, "detail" in json.loads(text)) == (422, True)


def _lease(app, **changes):
    body = {"page": PAGE, "symbol": "BTCUSDT", "interval": "1m", "overlays": [], "seen": 0}
    return _request(app, "/live/lease", method="POST", body=body | changes)


def test_the_page_has_its_title_and_asks_no_other_host():
    status, headers, text = _request(create_app(world().services), "/")
    assert status == 200
    assert f"<title>{TITLE}</title>" in text
    assert "//cdn" not in text
    policy = headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "sha256-" in scripts
    assert "frame-ancestors 'self'" in policy
    assert "frame-src 'self'" in policy


def test_every_page_has_an_address():
    app = create_app(world().services)
    for path in ("/performance", "/system", "/system/"):
        status, _, text = _request(app, path)
        assert status == 200, path
        assert f"<title>{TITLE}</title>" in text
    assert _request(app, "/systems")[0] == 404


def test_while_no_symbol_is_known_the_page_says_so_and_comes_again():
    market = world()
    market.feed.followed = ()
    services = replace(
        market.services, settings=market.services.settings.model_copy(update={"symbols": ()})
    )
    stop = Part(Place.HEADER, "stop", lambda: "STOP", always=True)
    other = Part(Place.HEADER, "other", lambda: "ANOTHER")
    app = create_app(services, [Feature(parts=(stop, other))])
    _, _, text = _request(app, "/_dash-layout")
    assert "which symbols" in text
    assert '"id":"waiting"' in text  # waiting.js loads it again
    assert "STOP" in text
    assert "ANOTHER" not in text
    market.feed.followed = ("BTCUSDT",)
    assert '"BTCUSDT"' in _request(create_app(services), "/_dash-layout")[2]


def test_health_tells_the_feed_and_the_engine():
    market = world()
    app = create_app(market.services)
    status, _, text = _request(app, "/health")
    assert status == 200
    assert json.loads(text)["status"] == "ok"
    assert json.loads(text)["feed"]["state"] == "LIVE"
    assert json.loads(text)["engine"]["state"] == "running"
    market.feed.now = FakeFeedStatus("silent", 12.0)
    status, _, text = _request(app, "/health")
    assert (status, json.loads(text)["status"]) == (503, "degraded")


def test_the_server_lives_whatever_becomes_of_the_feed():
    market = world()
    market.feed.now = FakeFeedStatus("silent", 12.0)
    status, headers, text = _request(create_app(market.services), "/health/live")
    assert (status, text) == (200, '{"status":"alive"}')
    assert headers["cache-control"] == "no-store"


def test_with_a_password_everything_else_is_behind_the_gate():
    hashed = SecretStr(PasswordHash.of("correct horse", cost=1 << 14, parallel=1).line)
    chosen = world().services.settings
    guarded = chosen.dashboard.model_copy(update={"password_hash": hashed})
    services = replace(world().services, settings=chosen.model_copy(update={"dashboard": guarded}))
    app = create_app(services)
    assert _request(app, "/health/live")[0] == 200
    assert _request(app, "/login")[0] == 200
    for path in ("/", "/health", "/system", "/_dash-layout", "/assets/page.css", "/metrics"):
        assert _request(app, path)[0] == 401, path
    assert _lease(app)[0] == 401


def test_health_tells_streams_holes_and_the_disk():
    market = world()
    market.feed.healths.append(stream("btcusdt@aggTrade", state=StreamState.SILENT))
    market.feed.absent = {"ETHUSDT": (Gap(0, 60_000),)}
    market.feed.now = FakeFeedStatus(gaps=2, unreadable={"json": 3})
    market.store.alarm = "No space left on device"
    status, _, text = _request(create_app(market.services), "/health")
    told = json.loads(text)
    assert (status, told["status"]) == (200, "degraded")
    assert told["feed"]["streams"] == {"LIVE": 3, "SILENT": 1}
    assert told["feed"]["gaps"] == 2
    assert told["feed"]["unreadable"] == {"json": 3}
    assert told["feed"]["troubles"] == {"ETHUSDT": "2 candles the exchange does not have"}
    assert told["store"]["alarm"] == "No space left on device"


def test_a_lease_tells_whether_the_page_is_served():
    status, _, text = _lease(create_app(world().services))
    assert (status, json.loads(text)) == (200, {"live": False})


def test_a_lease_must_be_one():
    app = create_app(world().services)
    status, _, text = _lease(app, symbol="ETHUSD")
    assert status == 400
    assert "ETHUSD is not followed" in json.loads(text)["error"]
    assert _lease(app, page="../../etc/passwd")[0] == 422
    assert _lease(app, seen=-1)[0] == 422
    assert _lease(app, more="x")[0] == 422


def test_a_lease_from_another_origin_is_refused():
    app = create_app(world().services)
    status, _, _ = _request(
        app, "/live/lease", method="POST", body={}, headers=[(b"origin", b"http://evil.example")]
    )
    assert status == 403


def test_there_is_no_documentation_page_and_no_tool_endpoint():
    app = create_app(world().services)
    for path in ("/docs", "/redoc", "/openapi.json", "/_mcp", "/mcp"):
        assert _request(app, path)[0] == 404, path


def test_the_icon_is_our_own():
    app = create_app(world().services)
    status, headers, text = _request(app, "/assets/favicon.svg")
    assert status == 200
    assert headers["content-type"].startswith("image/svg+xml")
    assert text.startswith("<svg")


def test_an_address_that_leads_nowhere_leads_a_person_back_and_tells_a_program():
    app = create_app(world().services)
    asked = "/nothing<b>" + "x" * 200
    status, headers, text = _request(app, asked, headers=[(b"accept", b"text/html,*/*")])
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "/nothing&lt;b&gt;" in text
    assert '<a class="page-link" href="/system">' in text
    assert "x" * 100 not in text
    assert json.loads(_request(app, asked)[2]) == {"detail": "Not Found"}

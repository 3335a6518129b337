"""A secret is in ``.env`` and nowhere else, whatever fails and whoever tells it back to us."""

import base64
import itertools
import json
import tarfile
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from core.config.password_hash import PasswordHash
from tests.system.product import Exchange, Product, Role, configured, until

pytestmark = pytest.mark.simulator

# It is asked at once, whatever the market does.
ASKED = {"interval: 15m": "interval: 1m", "ask_from: 0.4 ": "ask_from: 0.0 "}
SECRETS = {
    "key": "sk-of-nobody-0123456789abcdef",
    "token": "token-of-nobody-0123456789abcdef0123456789",
    "passphrase": "passphrase of nobody 0123456789",
    "alarm": "alarm-of-nobody-0123456789",
    "heartbeat": "heartbeat-of-nobody-0123456789",
    "hash": PasswordHash.of("password of nobody").line,
}
PAGES = (
    "/", "/_dash-layout", "/_dash-dependencies", "/health", "/health/live", "/health/ready",
    "/health/database", "/health/detailed", "/metrics",
)  # fmt: skip


class Echo:
    """Answers whatever is asked with what it was asked, as failure and as success in turn."""

    def __init__(self):
        echo = self
        self.asked = set()
        turns = itertools.cycle((401, 500, 200))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                key = self.headers.get("Authorization", "none")
                echo.asked.add(key if key != "none" else self.path)
                words = f"you sent {key} to {self.path}"
                message = {"role": "assistant", "content": words}
                body = {
                    "error": {"message": words}, "id": "1", "object": "chat.completion",
                    "created": 1, "model": words, "usage": None,
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                }  # fmt: skip
                told = json.dumps(body).encode()
                self.send_response(next(turns), words)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_GET = do_POST  # noqa: N815 - the server's name

            def log_message(self, *_):
                """Say nothing: the test asserts, it does not watch."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def product(tmp_path):
    with Exchange(tmp_path, speed=120.0) as exchange, Echo() as echo:
        folder = tmp_path / "config"
        configuration = configured(folder, ASKED)
        (folder / ".env").write_text(
            f"DEEPSEEK_API_KEY={SECRETS['key']}\n"
            f"DASHBOARD_TOKEN={SECRETS['token']}\n"
            f"DASHBOARD_PASSWORD_HASH='{SECRETS['hash']}'\n"
            f"BACKUP_PASSPHRASE='{SECRETS['passphrase']}'\n"
            f"ALARM_URLS=json://127.0.0.1:{echo.port}/{SECRETS['alarm']}\n"
            f"HEARTBEAT_URL=http://127.0.0.1:{echo.port}/{SECRETS['heartbeat']}\n"
        )
        environ = {
            **exchange.urls,
            "DEEPSEEK_BASE_URL": f"http://127.0.0.1:{echo.port}",
            **configuration,
        }
        made = Product(tmp_path / "home", environ)
        made.echo = echo
        yield made
        made.end()


def fetched(port, path):
    """Return what a program with the token is told."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    request.add_header("Authorization", f"Bearer {SECRETS['token']}")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.read()


def contents(root):
    """Yield every file below a folder, and what is in the archives, as bytes by name."""
    for path in root.rglob("*"):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as tar:
                for member in tar:
                    if member.isfile():
                        yield f"{path}:{member.name}", tar.extractfile(member).read()


def spellings(secret):
    """Return how a secret may be written."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
    return [word.encode() for word in {secret, quote(secret), quote(secret, safe=""), encoded}]


def test_no_secret_is_told_anywhere(product):
    started = product.run("start")
    assert started.returncode == 0, started.stdout + started.stderr
    until(lambda: f"Bearer {SECRETS['key']}" in product.echo.asked, what="a question")
    until(lambda: product.count("llm_calls") >= 3, what="three answers")
    commands = (
        ("log-level", "debug"),
        ("chat", "Why?", "--symbol", "BTCUSDT"),
        ("alarms", "test"),
        ("backup",),
        ("doctor",),
        ("incident-bundle",),
    )
    said = [started, *(product.run(*command) for command in commands)]
    told = {
        f"{role} {path}": fetched(port, path)
        for role, port in ((Role.ENGINE, product.engine_port), (Role.DASHBOARD, product.port))
        for path in PAGES
    }
    told |= {" ".join(done.args[2:]): (done.stdout + done.stderr).encode() for done in said}
    product.run("stop")
    told |= dict(contents(product.home.root))
    assert len(told["dashboard /_dash-layout"]) > 10_000
    assert any(".tar.gz:" in name and name.endswith("trading_signals.db") for name in told)
    assert any("incident_" in name and name.endswith("logs/trading.log") for name in told)
    leaks = [
        (what, name)
        for what, secret in SECRETS.items()
        for word in spellings(secret)
        for name, data in told.items()
        if word in data
    ]
    assert not leaks
    logged = product.home.logs / "cache_manager.log"
    assert "command ops.backup.create backup made" in logged.read_text()

"""The engine with a key: whom it asks, and what an answer does."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.system.product import EASIER, Exchange, Product, configured, until

pytestmark = pytest.mark.simulator

KEY = "sk-system-test-0123456789"
# Two seconds until the next bar is over, after which an answer comes too late to be traded.
SPEED = 30.0
# A busy machine waits longer for an answer than anybody should in life.
PATIENT = EASIER | {"timeout_s: 20.0": "timeout_s: 60.0"}


def agree(facts):
    """Say what the rules say, with evidence as it was given."""
    name, value = next(iter(facts["features"].items()))
    direction = facts["rule_verdict"]["direction"]
    return json.dumps(
        {
            "action": "HOLD" if direction == "FLAT" else direction,
            "confidence": 80,
            "entry_price": None,
            "stop_loss": None,
            "take_profit": None,
            "reasoning": "agreed",
            "invalidation": [],
            "evidence": [{"feature": name, "value": value}],
        }
    )


def babble(_):
    """Answer with prose."""
    return "I think it goes up."


class Provider:
    """A DeepSeek-compatible server whose answers are a function of the facts."""

    def __init__(self, answer):
        provider = self
        self.keys = set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                provider.keys.add(self.headers["Authorization"])
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                facts = json.loads(asked["messages"][-1]["content"])
                message = {"role": "assistant", "content": answer(facts)}
                body = json.dumps(
                    {
                        "id": "1",
                        "object": "chat.completion",
                        "created": 1,
                        "model": asked["model"],
                        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                        "usage": {
                            "prompt_tokens": 100,
                            "prompt_cache_hit_tokens": 0,
                            "prompt_cache_miss_tokens": 100,
                            "completion_tokens": 20,
                            "total_tokens": 120,
                        },
                    }
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Say nothing: the test asserts, it does not watch."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def engine(folder, exchange, provider):
    """A product with 1m signals whose engine asks ``provider``."""
    asking = {"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_BASE_URL": provider.url}
    return Product(folder, {**exchange.urls, **configured(folder, PATIENT), **asking})


# Questions that were asked because the rules had an idea, with how they ended.
OF_AN_IDEA = """
    SELECT outcome, prompt, answer, verdict FROM decisions
    JOIN llm_calls USING (symbol, interval, open_time_ms)
    WHERE outcome IN ('signal', 'refused', 'vetoed')
"""


@pytest.mark.parametrize(
    ("answer", "outcome", "verdict"),
    [(agree, "signal", " 80"), (babble, "refused", "not_json")],
    ids=["agrees", "babbles"],
)
def test_an_answer_decides_and_is_kept_whole(tmp_path, answer, outcome, verdict):
    with Exchange(tmp_path, speed=SPEED) as exchange, Provider(answer) as provider:
        product = engine(tmp_path, exchange, provider)
        try:
            assert product.run("start").returncode == 0
            until(
                lambda: product.count("llm_calls") and outcome in outcomes(product),
                what=f"a question that ends in {outcome}",
            )
        finally:
            product.end()
    assert provider.keys == {f"Bearer {KEY}"}
    ended = [row for row in product.rows(OF_AN_IDEA) if row[0] == outcome]
    assert ended
    for _, prompt, said, told in ended:
        assert "rule_verdict" in prompt
        assert said
        assert verdict in told
    assert (product.count("signals") > 0) == (outcome == "signal")
    everything = b"".join(path.read_bytes() for path in product.home.logs.iterdir())
    assert KEY.encode() not in everything + product.home.database.read_bytes()


def outcomes(product):
    """How the questions of an idea have ended so far."""
    return {row[0] for row in product.rows(OF_AN_IDEA)}

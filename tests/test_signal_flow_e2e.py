"""From streamed candles to a signal and its paper trade, by the engine's own process."""

import json
import math

import pytest

from core.config import REPOSITORY, Home, load_settings
from ops.processes import running
from tests.system.product import EASIER, Exchange, Product, Role, configured, until

pytestmark = pytest.mark.simulator


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """An engine in a home of its own, on an exchange of its own."""
    folder = tmp_path_factory.mktemp("signal_flow")
    with Exchange(folder, speed=120.0) as exchange:
        made = Product(folder / "home", {**exchange.urls, **configured(folder, EASIER)})
        assert made.run("start").returncode == 0
        yield made
        made.end()


def _journals(home):
    """What tells whether anybody has written a journal."""
    return {
        path.name: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in home.database.parent.glob(f"{home.database.name}*")
    }


def test_it_generates_a_signal_from_what_was_streamed(product):
    ours = _journals(Home(REPOSITORY))
    until(lambda: product.count("signals"), what="a signal")

    ((symbol, entry, stop, target, direction, score),) = product.rows(
        "SELECT symbol, entry, stop, target, direction, score FROM signals ORDER BY id LIMIT 1"
    )
    side = 1.0 if direction == "LONG" else -1.0
    assert side * stop < side * entry < side * target
    assert math.copysign(1.0, score) == side

    ((features, votes, told),) = product.rows(
        "SELECT d.features, d.votes, d.score FROM decisions d JOIN signals s ON s.id = d.signal_id "
        "ORDER BY s.id LIMIT 1"
    )
    assert len(json.loads(features)) >= 50
    assert json.loads(votes)
    assert told == score
    assert symbol in load_settings().symbols

    until(lambda: product.count("trades"), what="its paper trade")
    assert product.rows("SELECT id FROM signals EXCEPT SELECT signal_id FROM trades") == []
    if running(Home(REPOSITORY).run, Role.ENGINE) is None:  # else its owner writes there
        assert _journals(Home(REPOSITORY)) == ours, "the product's own journal was touched"


def test_generating_fills_the_feature_telemetry_and_the_trading_log(product):
    until(lambda: product.count("feature_telemetry"), what="telemetry")
    log = product.home.logs / "trading.log"
    until(lambda: "feature" in log.read_text(), what="its line in the log")
    assert product.process(Role.ENGINE) is not None

"""Engine and dashboard against a Binance-compatible server: kill, drop, and what is left."""

import signal
import socket
import subprocess

import pyarrow.parquet as pq
import pytest

from core.config import REPOSITORY
from core.model.candles import VALUE_COLUMNS
from core.model.intervals import MINUTE_MS
from tests.system.product import MAIN, Exchange, Product, Role, until

pytestmark = pytest.mark.simulator

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
# Tells when the program has begun: Python's own start, out of which no program can keep a
# traceback, is over once the first signal is taken over.
RUN_THEN_UP = """
import runpy, signal, sys
take_over = signal.signal
def told(number, handler):
    before = take_over(number, handler)
    signal.signal = take_over
    print("up", flush=True)
    return before
signal.signal = told
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    with Exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


@pytest.fixture
def product(tmp_path, exchange):
    made = Product(tmp_path, exchange.urls)
    config = made.root / "config.yaml"
    text = (REPOSITORY / "config.yaml").read_text()
    config.write_text(text.replace("interval: 15m", "interval: 1m", 1))
    made.environment["TRADING_CONFIG"] = str(config)
    yield made
    made.end()


def told(exchange, symbol, start_ms, end_ms):
    """Closed candles as the server's REST says, by open time."""
    path = f"/fapi/v1/klines?symbol={symbol}&interval=1m&startTime={start_ms}&endTime={end_ms}"
    rows = exchange.answers(f"{path}&limit=1500")
    return {
        row[0]: (*map(float, row[1:6]), float(row[7]), row[8], float(row[9]), float(row[10]))
        for row in rows
    }


def whole_symbols(product):
    """Symbols of which each bar between two decisions has one."""
    spans = product.rows(
        "SELECT symbol, count(*), max(open_time_ms) - min(open_time_ms) FROM decisions "
        "GROUP BY symbol"
    )
    return {symbol for symbol, rows, span_ms in spans if rows == span_ms // MINUTE_MS + 1}


def stored(product, symbol):
    """Candles in the Parquet file in the same form."""
    columns = pq.read_table(
        product.home.cache / f"{symbol}_1m_history.parquet", partitioning=None
    ).to_pydict()
    values = zip(*(columns[name] for name in VALUE_COLUMNS), strict=True)
    return dict(zip(columns["open_time"], values, strict=True))


def test_killed_and_cut_off_it_recovers_everything(product, exchange):
    assert product.run("start").returncode == 0
    until(lambda: product.count("decisions") >= 3, what="decisions")
    first = product.process(Role.ENGINE)
    first.kill()
    second = until(
        lambda: (p := product.process(Role.ENGINE)) and p.pid != first.pid and p, what="a restart"
    )
    before = product.count("decisions")
    until(lambda: product.count("decisions") > before + 3, what="decisions after the restart")
    assert exchange.answers("/sim/drop", "POST") is not None
    before = product.count("decisions")
    until(lambda: product.count("decisions") > before + 5, what="decisions after the drop")
    assert second.is_running()

    key = "symbol, interval, open_time_ms, strategy"
    for table in ("decisions", "signals"):
        assert product.rows(f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1") == []
    assert product.rows("SELECT id FROM signals EXCEPT SELECT signal_id FROM trades") == []
    # The rows of what was missed may come a little after newer ones.
    until(lambda: whole_symbols(product) == set(SYMBOLS), what="a decision of every bar")

    assert product.run("stop").returncode == 0
    for symbol in SYMBOLS:
        ours = stored(product, symbol)
        newest = max(ours)
        theirs = told(exchange, symbol, newest - 1000 * MINUTE_MS, newest)
        assert len(theirs) == 1001
        assert {t: v for t, v in ours.items() if t >= newest - 1000 * MINUTE_MS} == theirs


def test_the_dashboard_lives_without_an_engine(product):
    assert product.run("start").returncode == 0
    until(lambda: product.process(Role.ENGINE), what="an engine").terminate()
    until(lambda: product.process(Role.ENGINE) is None, what="the engine's end")
    health = until(
        lambda: (found := product.health()) and found["feed"]["state"] == "LIVE" and found,
        what="a live feed",
    )
    assert health["feed"]["state"] == "LIVE"


def test_a_taken_port_is_named_with_its_variable(product):
    with socket.socket() as other:
        other.bind(("127.0.0.1", product.port))
        other.listen()
        refused = product.run("start")
    assert refused.returncode == 1
    assert f"port {product.port} is taken" in refused.stderr
    assert "DASHBOARD_PORT" in refused.stderr
    assert product.process(Role.SUPERVISOR) is None


def test_a_wrong_configuration_starts_nothing(product):
    product.environment["ENGINE_PORT"] = "no port"
    refused = product.run("start")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "ENGINE_PORT" in refused.stderr
    assert product.process(Role.SUPERVISOR) is None


@pytest.mark.parametrize("command", ["trade", "dashboard", "status", "stop"])
def test_a_home_that_is_a_file_is_one_line_and_status_2(product, command):
    place = product.root / "file"
    place.touch()
    product.environment["TRADING_HOME"] = str(place)
    ended = product.run(command)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert str(place) in ended.stderr


@pytest.mark.parametrize("after_s", [0.15, 0.3, 0.6, 1.2])
def test_ctrl_c_shows_no_traceback_however_early_it_comes(product, after_s):
    python, main = MAIN
    process = subprocess.Popen(
        [python, "-c", RUN_THEN_UP, main, "trade"],
        env=product.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As from a terminal, also where the tests themselves run in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    assert process.stdout.readline() == "up\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(after_s)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=300)[1] == ""


def test_a_second_engine_is_refused(product):
    assert product.run("start").returncode == 0
    first = until(lambda: product.process(Role.ENGINE), what="the engine")
    for lock in product.home.run.glob("*.lock"):  # whoever takes them for leftovers
        lock.unlink()
    refused = product.run("trade")
    assert (refused.returncode, refused.stderr.count("\n")) == (4, 1)
    assert f"already runs (pid {first.pid})" in refused.stderr
    assert first.is_running()

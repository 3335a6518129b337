"""The check an operator runs before a start."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

from core.config import REPOSITORY, UniverseSettings
from scripts.validate_config import summary
from tests.builders import settings
from tests.core.simulator.exchange import exchange

SCRIPT = REPOSITORY / "scripts" / "validate_config.py"
CONFIG = (REPOSITORY / "config.yaml").read_text()


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=folder,
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_summary_tells_whether_there_is_a_key_but_never_the_key():
    assert "no key" in summary(settings())
    shown = summary(settings(DEEPSEEK_API_KEY="sk-very-secret"))
    assert "deepseek-flash" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("universe", "words"),
    [
        (UniverseSettings(quote=None), "SOLUSDT, all perpetuals on 15m"),
        (UniverseSettings(quote="USDT"), "SOLUSDT, all perpetuals of USDT on 15m"),
        (UniverseSettings(quote="USDT", top_by_volume=50), "SOLUSDT, the 50 largest of USDT on"),
    ],
)
def test_the_summary_tells_the_universe(universe, words):
    assert words in summary(settings().model_copy(update={"universe": universe}))


@pytest.mark.simulator
def test_a_good_file_is_said_to_be_valid(tmp_path):
    (tmp_path / "mine.yaml").write_text(CONFIG)
    by_argument = run(tmp_path, "mine.yaml")
    by_variable = run(tmp_path, TRADING_CONFIG=str(tmp_path / "mine.yaml"))
    for done in (by_argument, by_variable):
        assert (done.returncode, done.stderr) == (0, "")
        first, second = done.stdout.splitlines()
        assert first == "mine.yaml: valid"
        assert "BTCUSDT, ETHUSDT, SOLUSDT on 15m" in second


@pytest.mark.simulator
def test_each_fault_is_a_line_of_its_own(tmp_path):
    text = CONFIG.replace("symbols:", "symbls:").replace("port: 8050", "port: 99999")
    (tmp_path / "config.yaml").write_text(text)
    done = run(tmp_path, "config.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert any("unknown key symbls" in line and "symbols" in line for line in lines)
    assert any("dashboard.port = 99999" in line for line in lines)


@pytest.mark.simulator
def test_a_missing_file_is_one_line(tmp_path):
    done = run(tmp_path, "nothing.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "nothing.yaml: no such file\n")


def online(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The check against a simulator that lists the symbols of config.yaml."""

    async def scenario() -> subprocess.CompletedProcess[str]:
        async with exchange(symbols=("BTCUSDT", "ETHUSDT", "SOLUSDT")) as simulated:
            url = {"BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{simulated.port}"}
            arguments = ("config.yaml", "--online")
            return await asyncio.to_thread(run, folder, *arguments, **(url | environ))

    return asyncio.run(scenario())


@pytest.mark.simulator
def test_the_exchange_is_asked_whether_it_lists_the_symbols(tmp_path):
    chosen = "universe: {quote: USDT, top_by_volume: 2}\nsymbols: [ETHUSDT]"
    (tmp_path / "config.yaml").write_text(
        CONFIG.replace("symbols: [BTCUSDT, ETHUSDT, SOLUSDT]", chosen)
    )
    done = online(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "symbols to follow" in done.stdout.splitlines()[-1]


@pytest.mark.simulator
def test_a_symbol_the_exchange_does_not_list_is_an_error_with_the_nearest(tmp_path):
    chosen = "symbols: [BTCUSD, ETHUSDT, XBTUSDT]"
    (tmp_path / "config.yaml").write_text(
        CONFIG.replace("symbols: [BTCUSDT, ETHUSDT, SOLUSDT]", chosen)
    )
    done = online(tmp_path)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert [line.split(";")[0] for line in lines] == [
        "symbols: BTCUSD: the exchange does not list it",
        "symbols: XBTUSDT: the exchange does not list it",
    ]
    assert all("did you mean BTCUSDT" in line for line in lines)


@pytest.mark.simulator
def test_an_exchange_that_refuses_is_no_fault_of_the_file(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG)

    async def refuse(request: web.Request) -> web.Response:
        del request
        return web.json_response({"code": 0, "msg": "restricted location"}, status=451)

    async def scenario() -> subprocess.CompletedProcess[str]:
        app = web.Application()
        app.add_routes([web.get("/fapi/v1/exchangeInfo", refuse)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = {"BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{runner.addresses[0][1]}"}
            return await asyncio.to_thread(run, tmp_path, "config.yaml", "--online", **url)
        finally:
            await runner.cleanup()

    done = asyncio.run(scenario())
    assert done.returncode == 1
    assert "restricted location" in done.stderr
    assert "Traceback" not in done.stderr

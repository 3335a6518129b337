"""A command as somebody types it, beside a simulated exchange and a scripted model."""

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType

import yaml

from core.config import REPOSITORY, Home
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.verdict import Purpose
from deepseek.client import utc_now_ms
from tests.core.journal.builders import CALL
from tests.core.simulator.exchange import exchange
from tests.deepseek.server import deepseek_playing

KEY = "sk-by-hand-0123456789"
KEYED = MappingProxyType({"DEEPSEEK_API_KEY": KEY})
HOUR_MS = 3_600_000
# A question may end in nothing but an answer, however slow the machine is.
DEADLINE_S = 300.0


class Shell:
    """A home in which commands are run. No engine runs there."""

    def __init__(self, root, exchange_url, model_url):
        self.home = Home(root)
        self.home.create()
        self.url = database_url(self.home.database)
        document = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
        document["deepseek"]["ask_from"] = 0.0  # it is asked whatever the market does
        (root / "config.yaml").write_text(yaml.safe_dump(document))
        foreign = ("BINANCE_", "DEEPSEEK_", "TRADING_")
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(foreign)},
            "TRADING_HOME": str(root),
            "TRADING_CONFIG": str(root / "config.yaml"),
            "BINANCE_FUTURES_REST_URL": exchange_url,
            "DEEPSEEK_BASE_URL": model_url,
        }

    def begin(self, *arguments, **environment):
        return subprocess.Popen(
            [sys.executable, str(REPOSITORY / "main.py"), *arguments],
            cwd=REPOSITORY,
            env=self._environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    async def run(self, *arguments, **environment):
        """Return exit status, stdout and stderr; a traceback is never an answer."""
        process = self.begin(*arguments, **environment)
        return await ended(process)

    def spend(self, purpose, usd):
        """Let a purpose have cost so much today."""
        journal = Journal.open(self.url)
        asked_ms = utc_now_ms() + HOUR_MS  # so that it counts after midnight as well
        call = replace(CALL, purpose=purpose, cost_usd=usd, asked_ms=asked_ms)
        journal.add_calls([call], at_ms=asked_ms)
        journal.close()

    def spent(self, purpose=Purpose.DECISION):
        return JournalReader.open(self.url).spent(purpose, 0)


async def ended(process):
    told, complained = await asyncio.to_thread(process.communicate, timeout=DEADLINE_S)
    assert "Traceback" not in complained, complained
    assert KEY not in told + complained
    return process.returncode, told, complained


@asynccontextmanager
async def shell_beside(root, *acts):
    """A shell, and the script of the model that it asks."""
    async with (
        exchange(symbols=("BTCUSDT",), speed=1.0) as market,
        deepseek_playing(*acts) as script,
    ):
        yield Shell(root, f"http://127.0.0.1:{market.port}", script.url), script

"""The engine's process: builds the objects, runs them, ends them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import URL

from core.config import Policy, Settings
from core.emergency_latch import EmergencyLatch
from core.engine import Engine, Surroundings
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.success_reader import SuccessReader
from core.model.intervals import Interval
from core.model.verdict import Purpose
from core.overlays import load_overlays
from core.signal_generator import SignalGenerator
from core.telemetry import Telemetry
from ops.engine_health import serve_health
from ops.launch import Installation
from ops.market_access import open_market
from ops.metric_reports import MetricReports

if TYPE_CHECKING:
    from deepseek.client import DeepSeekBrain


@asynccontextmanager
async def _analyst(
    settings: Settings, reader: JournalReader, url: URL
) -> "AsyncIterator[DeepSeekBrain | None]":
    if settings.deepseek.api_key is None or settings.signals.policy is Policy.RULES:
        yield None
        return
    from deepseek.client import DeepSeekBrain, utc_now_ms  # noqa: PLC0415 - only with a key
    from ops.analyst_session import analyst_session  # noqa: PLC0415 - likewise

    today_ms = Interval.D1.open_time_ms(utc_now_ms())
    spent = await asyncio.to_thread(reader.spent, Purpose.DECISION, today_ms)
    async with analyst_session(DeepSeekBrain(settings.deepseek, spent=spent), url) as brain:
        yield brain


async def run_engine(installation: Installation) -> None:
    """Run the engine of a home, its health port and its reports until cancelled."""
    settings, url = installation.settings, database_url(installation.home.database)
    journal, reader = Journal.open(url), JournalReader.open(url)
    asks_nobody = (
        "the rules alone: policy"
        if settings.signals.policy is Policy.RULES
        else "no key: rules only"
    )
    async with (
        open_market(installation) as (store, feed, rest),
        _analyst(settings, reader, url) as brain,
    ):
        engine = Engine(
            settings,
            store=store,
            feed=feed,
            generator=SignalGenerator(
                settings, overlays=load_overlays(), telemetry=Telemetry(), analyst=brain
            ),
            journal=journal,
            reader=reader,
            around=Surroundings(
                settlements=rest.settlements,
                analyst=brain.standing if brain else lambda: asks_nobody,
                spent=lambda: (
                    (brain.spent.usd, settings.deepseek.daily_usd) if brain else (0.0, 0.0)
                ),
                latch=EmergencyLatch(installation.home.emergency_latch),
            ),
        )
        reports = MetricReports(
            lambda: SuccessReader.open(url),
            installation.home.reports,
            market_time_ms=feed.market_time_ms,
            starting_equity=settings.paper.starting_equity_usd,
        )
        async with serve_health(settings.engine.port, engine.report):
            reporting = asyncio.ensure_future(reports.run())
            try:
                await engine.run()
            finally:
                reporting.cancel()

"""The engine's process: builds the objects, runs them, ends them."""

import asyncio
import logging
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
from core.journal.writer import JournalWriter
from core.model.intervals import Interval
from core.model.verdict import Purpose
from core.overlays import load_overlays
from core.signal_generator import SignalGenerator
from core.tally import Distribution
from core.telemetry import Telemetry
from ops.alarms.role_alarms import engine_alarms
from ops.audit.by_hand import by_hand
from ops.backup.config_keeping import ConfigKeeper
from ops.beside import beside
from ops.engine_health import health_routes, serve_health
from ops.health.probes import Sources, open_health
from ops.launch import Installation
from ops.market_access import open_market
from ops.metric_reports import MetricReports
from ops.metrics_export.engine_route import metrics_route
from ops.metrics_export.of_engine import EngineSources, engine_exposition
from ops.schedule.scheduler import Scheduler

if TYPE_CHECKING:
    from deepseek.client import DeepSeekBrain

logger = logging.getLogger(__name__)


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
    lock_waits, writer = Distribution(), JournalWriter()
    journal, reader = Journal.open(url, waited_s=lock_waits.add), JournalReader.open(url)
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
            writer=writer,
            around=Surroundings(
                settlements=rest.settlements,
                analyst=brain.standing if brain else lambda: asks_nobody,
                spent=lambda: (
                    (brain.spent.usd, settings.deepseek.daily_usd) if brain else (0.0, 0.0)
                ),
                latch=EmergencyLatch(installation.home.emergency_latch),
                answered=by_hand(installation.home),
            ),
        )
        reports = MetricReports(
            lambda: SuccessReader.open(url),
            installation.home.reports,
            market_time_ms=feed.market_time_ms,
            starting_equity=settings.paper.starting_equity_usd,
        )
        health = open_health(
            Sources(
                settings,
                installation.home,
                feed,
                store.get_cache_stats,
                report=engine.report,
            )
        )
        metrics = engine_exposition(
            EngineSources(
                home=installation.home,
                engine=engine,
                feed=feed,
                store=store,
                writer=writer,
                brain=brain,
                lock_waits=lock_waits,
                findings=health.watch.findings,
            )
        )
        routes = (*health_routes(health), metrics_route(metrics))
        async with (
            serve_health(settings.engine.port, engine.report, routes),
            beside(
                reports.run(),
                Scheduler(installation.home, settings.schedule).run(),
                health.watch.run(),
                ConfigKeeper().run(),
            ),
            engine_alarms(installation, health.watch),
        ):
            await engine.run()

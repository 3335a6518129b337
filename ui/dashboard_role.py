"""The dashboard's process: builds the objects, serves the page, ends them."""

import asyncio

from core.data.market_facts_history import MarketFactsHistory
from core.data.market_views import MarketViews
from core.journal.database import database_url
from core.overlays import load_overlays
from deepseek.call_tally import CallTally
from ops.alarms.role_alarms import dashboard_alarms
from ops.health.probes import Sources, open_health
from ops.journal_watch import EngineWatch, JournalWatch
from ops.launch import Installation
from ops.market_access import open_market
from ops.metrics_export.exposition import Exposition
from ops.metrics_export.of_dashboard import DashboardSources, dashboard_exposition
from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.access.server_key import ServerKey
from ui.app import create_app
from ui.composition import features
from ui.live_service import LiveService
from ui.services import Services
from ui.serving import serve


async def run_dashboard(installation: Installation) -> None:
    """Run the feed, the health watch and the page of a home until cancelled."""
    settings, home = installation.settings, installation.home
    journal = JournalWatch(database_url(home.database))
    key = ServerKey(home.database.with_name("session.key"))
    async with (
        open_market(installation) as (store, feed, rest),
        MarketFactsHistory(rest) as facts,
    ):
        health = open_health(Sources(settings, home, feed, store.get_cache_stats, serves_page=True))
        services, actions, access = (
            Services(
                settings=settings,
                store=store,
                feed=feed,
                journal=journal,
                engine=EngineWatch(home.run, journal),
                views=MarketViews(store, order_flow=feed.order_flow, gaps=feed.gaps),
                overlays=load_overlays(),
                facts=facts,
                health=health,
            ),
            ActionToken(key),
            Access(settings.dashboard, key),
        )
        chat, found = CallTally(), health.watch.findings
        parts = features(services, home, actions, access, demo=installation.demo, chat=chat)

        def metrics(live: LiveService) -> Exposition:
            told = DashboardSources(home, feed, store.reads, live.costs, chat, found)
            return dashboard_exposition(told)

        app = create_app(services, parts, actions, access, metrics)
        async with dashboard_alarms(installation, health.watch), asyncio.TaskGroup() as tasks:
            streaming = tasks.create_task(feed.run())  # if it fails, so does the page
            looking = tasks.create_task(health.watch.run())
            await serve(app, settings.dashboard)
            streaming.cancel()
            looking.cancel()

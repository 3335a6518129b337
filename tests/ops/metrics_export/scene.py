"""Both processes' metrics over everybody they ask, written by hand."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from core.config import Home
from core.data.cache_statistics import Tier
from core.engine_tallies import EngineTallies
from core.journal.writer import WriterFigures
from core.model.engine_report import EngineReport
from core.model.health import Finding, Level
from core.model.source import Source
from core.model.telemetry import FeatureCost
from core.tally import Distribution
from deepseek.call_tally import CallTally
from ops.metrics_export.of_dashboard import DashboardSources, dashboard_exposition
from ops.metrics_export.of_engine import EngineSources, engine_exposition
from tests.ops.metrics_export.fakes import FakeFeed, stream

COST = FeatureCost("supertrend", 12, 1, 4.0, 2.0, 8.0, 64.0, 0.5, (4.0,))
REPORT = EngineReport(7, "LIVE", 0.1, 5, "nobody", 10_000.0, 2, telemetry=(COST,))
FINDINGS = (
    Finding("disk", Level.WARNING, 'used "86" %\n', value=86.0, unit="%"),
    Finding("sharpe", Level.UNKNOWN, "too few days"),
)


@dataclass
class Scene:
    """Also an engine, its writer and its brain."""

    home: Home
    feed: FakeFeed = field(default_factory=lambda: FakeFeed(heard=[stream("a@kline_1m")]))
    tallies: EngineTallies = field(default_factory=EngineTallies)
    tally: CallTally = field(default_factory=CallTally)
    is_left_in_peace: bool = True
    fault: Exception | None = None
    brain: Any = "self"
    reading: tuple = (4, 1)

    def report(self):
        if self.fault is not None:
            raise self.fault
        return REPORT

    def halts(self):
        return dict.fromkeys(Source, ())

    @property
    def figures(self):
        return WriterFigures(Distribution().spread(), 3, 1)

    def reads(self):
        return dict.fromkeys(Tier, self.reading)

    def engine(self):
        return asyncio.run(_text(engine_exposition, self._engine_sources()))

    def engine_twice(self, between):
        async def scrapes():
            exposition = engine_exposition(self._engine_sources())
            before = await exposition.text()
            between()
            return before, await exposition.text()

        return asyncio.run(scrapes())

    def _engine_sources(self):
        return EngineSources(
            home=self.home,
            engine=self,
            feed=self.feed,
            store=self,
            writer=self,
            brain=self if self.brain == "self" else self.brain,
            lock_waits=Distribution(),
            findings=lambda: FINDINGS,
        )

    def dashboard(self):
        sources = DashboardSources(
            home=self.home,
            feed=self.feed,
            reads=self.reads,
            costs=lambda: (COST,),
            chat=self.tally,
            findings=lambda: FINDINGS,
        )
        return asyncio.run(_text(dashboard_exposition, sources))


async def _text(exposition, sources):
    return await exposition(sources).text()

"""Which components there are, how each is looked at, and by which rule it is judged."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.config import Home, Policy, Settings
from core.config.health import Limits
from core.journal.database import database_url
from core.journal.vitals_reader import VitalsReader
from core.model.engine_report import EngineReport
from ops.database.damage import damage_told
from ops.health.account_look import AccountLook, SharpeLook
from ops.health.answer_times import AnswerTimes
from ops.health.engine_look import AnalystLook, EngineLook, RegimeLook
from ops.health.feed_look import CacheLook, Feed, FeedLook
from ops.health.home_look import HomeLook
from ops.health.journal_look import JournalLook
from ops.health.process_look import ProcessLook
from ops.health.rule import Observation, Rule
from ops.health.watch import HealthWatch, Lane, Probe

_CACHE_EVERY_S: Final = 30.0
"""The store's figures look at every file."""
_ACCOUNT_EVERY_S: Final = 60.0
"""Equity is valued once a minute."""
_SHARPE_EVERY_S: Final = 3_600.0
_INTEGRITY_EVERY_S: Final = 6 * 3_600.0
_FILLING_S: Final = 300.0
"""A first start fetches the candles of many symbols within the exchange's weight limit."""


@dataclass(frozen=True, slots=True)
class Sources:
    """
    What health is read from.

    Attributes:
        feed: Of this process.
        cache: Figures of the store, as `DataStore.get_cache_stats` returns them.
        serves_page: Whether this process serves the page.
        report: In the engine's own process: what it says now, asked on its event loop.
        monotonic: Measures ages and holds.
        clock: Seconds since the epoch, of this machine.
    """

    settings: Settings
    home: Home
    feed: Feed
    cache: Callable[[], Mapping[str, Any]]
    serves_page: bool = False
    report: Callable[[], EngineReport] | None = None
    monotonic: Callable[[], float] = time.monotonic
    clock: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Health:
    """
    What answers for the health of a process.

    Attributes:
        watch: Looks at all; somebody has to run it.
        journal: What is known of the database besides.
        feed: Of this process, asked directly.
        answers: What the page's server tells its answers' durations.
    """

    watch: HealthWatch
    journal: JournalLook
    feed: Feed
    answers: AnswerTimes


def open_health(sources: Sources) -> Health:
    """Put together what looks at this process and its home; nothing is read yet."""
    settings = sources.settings.health
    url = database_url(sources.home.database)
    journal = JournalLook(
        sources.home.database,
        lambda: VitalsReader.open(url),
        fresh_s=settings.every_s / 2.0,
        set_aside=lambda: damage_told(sources.home),
        monotonic=sources.monotonic,
        clock_ms=lambda: int(sources.clock() * 1000),
    )
    answers = AnswerTimes(monotonic=sources.monotonic)
    probes = (
        *_market(sources),
        *_engine(sources, journal),
        *_database(sources, journal),
        *_account(sources, journal),
        *_home(sources, answers),
    )
    watch = HealthWatch(
        probes,
        every_s=settings.every_s,
        monotonic=sources.monotonic,
        clock_ms=lambda: int(sources.clock() * 1000),
    )
    return Health(watch, journal, sources.feed, answers)


class _Rules:
    """Makes rules with the configured patience."""

    def __init__(self, settings: Settings) -> None:
        self._hold_s = settings.health.hold_s
        self._clear_pct = settings.health.clear_pct

    def held(
        self,
        component: str,
        title: str,
        limits: Limits | None = None,
        unit: str = "",
        *,
        hold_s: float = 0.0,
    ) -> Rule:
        """Return a rule for what may pass by itself."""
        hold_s = max(hold_s, self._hold_s)
        return Rule(component, title, limits, unit, hold_s, self._clear_pct)

    def at_once(self, component: str, title: str) -> Rule:
        """Return a rule for what is certain."""
        return Rule(component, title)


def _market(sources: Sources) -> tuple[Probe, ...]:
    limits, rules = sources.settings.health, _Rules(sources.settings)
    feed = FeedLook(sources.feed, sources.clock)
    cache = CacheLook(
        sources.cache,
        lambda: sources.settings.symbols or sources.feed.symbols,
        reads_least=limits.cache_reads_least,
        fresh_s=_CACHE_EVERY_S,
        monotonic=sources.monotonic,
    )
    title = "Dashboard feed" if sources.serves_page else "Feed"
    return (
        Probe(rules.held("feed", title, limits.feed_age_s, "s"), feed.feed),
        Probe(rules.held("candle_store", "Candle store"), cache.saving, Lane.SYSTEM),
        Probe(
            rules.held("cache_populated", "Candle cache", hold_s=_FILLING_S),
            cache.populated,
            Lane.SYSTEM,
        ),
        Probe(
            rules.held("cache_hit_rate", "Cache hit rate", limits.cache_hit_pct, "%"),
            cache.hit_rate,
            Lane.SYSTEM,
        ),
        Probe(rules.held("clock_offset", "Clock", limits.clock_offset_s, "s"), feed.clock_offset),
    )


def _engine(sources: Sources, journal: JournalLook) -> tuple[Probe, ...]:
    settings, rules = sources.settings, _Rules(sources.settings)
    limits = settings.health
    own = _shared(sources) if sources.report else None
    engine = EngineLook(sources.home.run, journal.report, own, monotonic=sources.monotonic)
    asks = settings.deepseek.api_key is not None and settings.signals.policy is not Policy.RULES
    analyst = AnalystLook(own or journal.report, model=settings.deepseek.model if asks else "")
    regime = RegimeLook(
        own or journal.report, settings.symbols, due_ms=settings.signals.interval.duration_ms
    )
    lane = Lane.LOOP if own else Lane.JOURNAL
    told = (
        Probe(rules.held("engine_saving", "Engine's saving"), engine.saving, lane),
        Probe(rules.held("entries", "Entries"), engine.entries, lane),
        Probe(rules.held("analyst", "Analyst"), analyst.analyst, lane),
        Probe(
            rules.held("llm_budget", "LLM budget", limits.llm_budget_pct, "%"), engine.budget, lane
        ),
        Probe(
            rules.held("regime", "Market regime", limits.regime_unknown_minutes, "min"),
            regime.regime,
            lane,
        ),
        Probe(
            rules.held("database_write", "Journal writes", limits.database_write_ms, "ms"),
            engine.writes,
            lane,
        ),
    )
    heartbeat = _read(rules.held("engine", "Engine", limits.heartbeat_age_s, "s"), engine.heartbeat)
    if not sources.serves_page:  # the engine's own feed is looked at already
        return (heartbeat, *told)
    return (heartbeat, _read(rules.held("engine_feed", "Engine's feed"), engine.feed), *told)


def _shared(sources: Sources) -> Callable[[], EngineReport]:
    """Return one report for all who ask in a round: it costs milliseconds of the event loop."""
    ask, fresh_s = sources.report, sources.settings.health.every_s / 2.0
    known: list[tuple[EngineReport, float]] = []

    def report() -> EngineReport:
        now_s = sources.monotonic()
        if ask is not None and (not known or now_s - known[0][1] >= fresh_s):
            known[:] = [(ask(), now_s)]
        return known[0][0]

    return report


def _database(sources: Sources, journal: JournalLook) -> tuple[Probe, ...]:
    rules = _Rules(sources.settings)
    return (
        Probe(
            rules.held("database", "Journal"),
            journal.database,
            Lane.JOURNAL,
            patience_s=journal.patience_s,
        ),
        Probe(
            rules.at_once("integrity", "Integrity"),
            journal.integrity,
            Lane.RARE,
            _INTEGRITY_EVERY_S,
        ),
    )


def _account(sources: Sources, journal: JournalLook) -> tuple[Probe, ...]:
    settings, rules = sources.settings, _Rules(sources.settings)
    limits, url = settings.health, database_url(sources.home.database)
    account = AccountLook(
        journal.vitals,
        journal.report,
        journal.reader,
        due_ms=settings.signals.interval.duration_ms,
        starting_equity=settings.paper.starting_equity_usd,
    )
    ratio = SharpeLook(
        lambda: VitalsReader.open(url),
        days_least=limits.sharpe_days_least,
    )
    return (
        _read(
            rules.held("signal_rate", "Signals per hour", limits.signals_per_hour, "signals"),
            account.signal_rate,
        ),
        _read(
            rules.held("no_signal", "Last signal", limits.no_signal_hours, "h"),
            account.without_signal,
        ),
        _read(
            rules.held(
                "telemetry", "Feature telemetry", limits.telemetry_age_minutes, "min overdue"
            ),
            account.telemetry,
        ),
        _read(
            rules.held("daily_loss", "Daily loss", limits.daily_loss_pct, "%"),
            account.daily_loss,
        ),
        _read(
            rules.held("drawdown", "Drawdown", limits.drawdown_pct, "%"),
            account.drawdown,
            _ACCOUNT_EVERY_S,
        ),
        Probe(
            rules.held("sharpe", "Sharpe ratio", limits.sharpe),
            ratio.sharpe,
            Lane.RARE,
            _SHARPE_EVERY_S,
        ),
    )


def _home(sources: Sources, answers: AnswerTimes) -> tuple[Probe, ...]:
    limits, rules = sources.settings.health, _Rules(sources.settings)
    home = HomeLook(sources.home, monotonic=sources.monotonic, clock=sources.clock)
    processes = ProcessLook(sources.home.run, monotonic=sources.monotonic)
    page = Probe(rules.held("page_response", "Page", limits.page_ms, "ms"), answers.page)
    return (
        Probe(rules.at_once("emergency_stop", "Emergency stop"), home.latch, Lane.SYSTEM),
        *((page,) if sources.serves_page else ()),
        Probe(
            rules.held("memory", "Memory", limits.memory_mb, "MB"), processes.memory, Lane.SYSTEM
        ),
        Probe(rules.held("cpu", "Processor", limits.cpu_pct, "%"), processes.cpu, Lane.SYSTEM),
        Probe(rules.held("disk", "Disk", limits.disk_pct, "%"), home.disk, Lane.SYSTEM),
        Probe(
            rules.held("backup_age", "Newest backup", limits.backup_age_hours, "h"),
            home.backup,
            Lane.SYSTEM,
        ),
    )


def _read(rule: Rule, look: Callable[[], Observation], every_s: float = 0.0) -> Probe:
    return Probe(rule, look, Lane.JOURNAL, every_s)

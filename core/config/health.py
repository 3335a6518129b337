"""What can be configured of health: from which values somebody should look."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from core.config.section import Section


class Limits(Section):
    """
    From which value it is a warning, and from which it is critical; None for never.

    Raises:
        ValueError: If neither is given, or the critical one is the milder.
    """

    rising: ClassVar[bool] = True
    warning: float | None = None
    critical: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.warning is None and self.critical is None:
            raise ValueError("must name a warning or a critical value")
        if self.warning is not None and self.critical is not None:
            milder = self.critical < self.warning if self.rising else self.critical > self.warning
            if milder:
                raise ValueError("critical must not come before warning")
        return self


class Ceiling(Limits):
    """What should stay below: the limits are reached from below."""


class Floor(Limits):
    """What should stay above: the limits are reached from above."""

    rising: ClassVar[bool] = False


def _share(limits: Limits) -> Limits:
    for value in (limits.warning, limits.critical):
        if value is not None and not 0.0 <= value <= _WHOLE_PCT:
            raise ValueError("must be percentages, 0 to 100")
    return limits


_WHOLE_PCT = 100.0
CeilingPct = Annotated[Ceiling, AfterValidator(_share)]
FloorPct = Annotated[Floor, AfterValidator(_share)]


class HealthSettings(Section):
    """
    The limits of the runbook. A component with too small a sample is unknown, never bad.

    Attributes:
        every_s: How often all is looked at.
        hold_s: A limit must be passed for so long before it counts.
        clear_pct: And left by so much of itself before it no longer does.
        memory_mb: Resident memory of our processes together.
        cpu_pct: Of one core times the cores, of our processes together, averaged over a minute.
        disk_pct: Of the disk of the home that is used, by anybody.
        cache_hit_pct: Reads that the store answered itself, from ``cache_reads_least`` on.
        feed_age_s: Since the newest frame.
        heartbeat_age_s: Since the engine's report last changed.
        database_write_ms: The slowest write of the journal in the last minute.
        page_ms: 95th percentile of the dashboard's answers.
        signals_per_hour: More are no strategy but noise.
        no_signal_hours: Of market time, since the last signal or the engine's start.
        daily_loss_pct: Of equity, since 00:00 UTC of the market.
        drawdown_pct: From the peak of the account as traded.
        sharpe: Annual, of daily equity, from ``sharpe_days_least`` on.
        regime_unknown_minutes: Of market time without any known regime of a traded symbol.
        telemetry_age_minutes: Of market time since an overlay or feature was last measured.
        backup_age_hours: Of the newest backup.
        llm_budget_pct: Of ``deepseek.daily_usd``.
        clock_offset_s: Of this machine's clock from the exchange's.
    """

    every_s: float = Field(default=10.0, ge=1, le=300)
    hold_s: float = Field(default=30.0, ge=0, le=3600)
    clear_pct: float = Field(default=5.0, ge=0, le=50)
    memory_mb: Ceiling = Ceiling(warning=3072.0, critical=4096.0)
    cpu_pct: CeilingPct = Ceiling(warning=70.0, critical=90.0)
    disk_pct: CeilingPct = Ceiling(warning=85.0, critical=90.0)
    cache_hit_pct: FloorPct = Floor(warning=30.0, critical=10.0)
    cache_reads_least: int = Field(default=100, ge=1, le=1_000_000)
    feed_age_s: Ceiling = Ceiling(warning=15.0, critical=60.0)
    heartbeat_age_s: Ceiling = Ceiling(warning=10.0, critical=60.0)
    database_write_ms: Ceiling = Ceiling(warning=1000.0, critical=5000.0)
    page_ms: Ceiling = Ceiling(warning=2000.0, critical=10_000.0)
    signals_per_hour: Ceiling = Ceiling(warning=6.0)
    no_signal_hours: Ceiling = Ceiling(warning=24.0)
    daily_loss_pct: CeilingPct = Ceiling(warning=2.0, critical=3.0)
    drawdown_pct: CeilingPct = Ceiling(warning=25.0, critical=35.0)
    sharpe: Floor = Floor(warning=0.5)
    sharpe_days_least: int = Field(default=30, ge=2, le=3650)
    regime_unknown_minutes: Ceiling = Ceiling(warning=60.0)
    telemetry_age_minutes: Ceiling = Ceiling(warning=120.0)
    backup_age_hours: Ceiling = Ceiling(warning=36.0, critical=192.0)
    llm_budget_pct: CeilingPct = Ceiling(warning=80.0, critical=100.0)
    clock_offset_s: Ceiling = Ceiling(warning=1.0, critical=5.0)

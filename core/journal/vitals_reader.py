"""What tells how an installation does, as the journal has it: a few short reads."""

from dataclasses import dataclass

from sqlalchemy import URL, func, select, text

from core.journal.database import transaction
from core.journal.reading import open_for_reading
from core.journal.revisions import revision_of
from core.journal.success_reader import SuccessReader
from core.journal.tables import CONTROL, EQUITY, FEATURE_TELEMETRY, SIGNALS
from core.model.source import Source

SOUND = "ok"
"""What SQLite says of a database without a fault."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """
    Attributes:
        report: The engine's last heartbeat as it stands in the control table; None before it.
        newest_signal_ms: Feed time; None before the first.
        newest_measured_ms: Feed time of the newest measurement of a feature.
        revision: Of the schema.
    """

    report: str | None
    newest_signal_ms: int | None
    newest_measured_ms: int | None
    revision: str


class VitalsReader(SuccessReader):
    """Read signs of life; every method raises `JournalError` when the database cannot be read."""

    @classmethod
    def open(cls, url: str | URL) -> "VitalsReader":
        """Open an existing journal; see `open_for_reading` for what it raises."""
        return cls(open_for_reading(url))

    def vitals(self) -> Vitals:
        """Read what is looked at every few seconds, in one transaction."""
        beat = select(CONTROL.c.value).where(CONTROL.c.key == "engine")
        with transaction(self._engine) as connection:
            report = connection.execute(beat).scalar()
            signal_ms = connection.execute(select(func.max(SIGNALS.c.decided_ms))).scalar()
            measured_ms = connection.execute(select(func.max(FEATURE_TELEMETRY.c.at_ms))).scalar()
            revision = revision_of(connection) or ""
        return Vitals(
            None if report is None else str(report),
            None if signal_ms is None else int(signal_ms),
            None if measured_ms is None else int(measured_ms),
            revision,
        )

    def peak_equity(self, source: Source) -> float | None:
        """Return the most an account was ever worth; reads its whole curve."""
        statement = select(func.max(EQUITY.c.equity)).where(EQUITY.c.source == source.value)
        with transaction(self._engine) as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else float(found)

    def quick_check(self) -> str:
        """
        Look through all pages of a SQLite database; reads the whole file.

        Returns:
            ``ok``, or the first fault; ``ok`` of another kind of database, which checks itself.
        """
        if self._engine.dialect.name != "sqlite":
            return SOUND
        with transaction(self._engine) as connection:
            return str(connection.execute(text("PRAGMA quick_check(1)")).scalar())

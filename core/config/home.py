"""Where an installation keeps what it writes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Home:
    """Where an installation keeps what it writes (``TRADING_HOME``)."""

    root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Home":
        """Return the directory named by ``TRADING_HOME``, else the checkout."""
        return cls(Path(environ.get("TRADING_HOME") or REPOSITORY).resolve())

    @property
    def cache(self) -> Path:
        """Parquet candles."""
        return self.root / "data" / "cache"

    @property
    def run(self) -> Path:
        """PID files and locks."""
        return self.root / "data" / "run"

    @property
    def database(self) -> Path:
        """The SQLite journal."""
        return self.root / "data" / "trading_signals.db"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.root / "logs"

    def create(self) -> None:
        """Make every directory the product writes to."""
        for path in (self.cache, self.run, self.logs, self.root / "backups", self.root / "reports"):
            path.mkdir(parents=True, exist_ok=True)

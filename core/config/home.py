"""Where an installation keeps what it writes."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DAMAGE_MARK = "journal.damaged"
REPOSITORY = Path(__file__).resolve().parents[2]


class HomeError(Exception):
    """The home cannot be used; the message names the path and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where an installation keeps what it writes (``TRADING_HOME``)."""

    root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Home":
        """
        Return the directory named by ``TRADING_HOME``, else the checkout; it may not exist yet.

        Raises:
            HomeError: If it is, or lies below, something that is no directory.
        """
        named = Path(environ.get("TRADING_HOME") or REPOSITORY)
        try:
            root = named.resolve()
            if not stat.S_ISDIR(root.stat().st_mode):
                raise HomeError(f"TRADING_HOME={named}: is not a directory")
        except FileNotFoundError:
            return cls(root)
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
            reason = getattr(error, "strerror", None) or error
            raise HomeError(f"TRADING_HOME={named}: {reason}") from error
        return cls(root)

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
    def recordings(self) -> Path:
        """Raw frames of the exchange; made when one is recorded."""
        return self.root / "data" / "recordings"

    @property
    def emergency_latch(self) -> Path:
        """While this file is there, nothing may be entered."""
        return self.root / "data" / "EMERGENCY_STOP"

    @property
    def damage_mark(self) -> Path:
        """While this file is there and no journal, a damaged one was set aside."""
        return self.database.with_name(DAMAGE_MARK)

    @property
    def reports(self) -> Path:
        """Metrics of days, weeks and months."""
        return self.root / "reports"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.root / "logs"

    def create(self) -> None:
        """
        Make every directory the product writes to.

        Raises:
            HomeError: If one cannot be made or written to.
        """
        for path in (self.cache, self.run, self.logs, self.root / "backups", self.root / "reports"):
            try:
                path.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise HomeError(f"{path}: cannot be made: {error.strerror}") from error
            if not os.access(path, os.W_OK | os.X_OK):
                raise HomeError(f"{path}: cannot be written to")

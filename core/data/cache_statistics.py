"""How often the cache answered, summed over all processes that used it."""

import json
import logging
from pathlib import Path

from filelock import FileLock

logger = logging.getLogger(__name__)

_LOCK_TIMEOUT_S = 10.0


class CacheStatistics:
    """
    Hits and misses of this process, added to those on disk at each `persist`.

    Not thread-safe by itself; a lost count is worth less than a lock on every read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hits = 0
        self._misses = 0

    def count(self, *, hit: bool) -> None:
        """Count one read."""
        if hit:
            self._hits += 1
        else:
            self._misses += 1

    def totals(self) -> tuple[int, int]:
        """Return hits and misses of all processes, as far as they have told."""
        hits, misses = self._persisted()
        return hits + self._hits, misses + self._misses

    def persist(self) -> None:
        """
        Add what was counted since the last time to the file.

        Raises:
            OSError: If the file cannot be written, or its lock not be had in time.
        """
        hits, misses = self._hits, self._misses
        if not hits and not misses:
            return
        locks = self._path.parent / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{self._path.name}.lock", timeout=_LOCK_TIMEOUT_S):
            known_hits, known_misses = self._persisted()
            draft = self._path.with_name(f".{self._path.name}.draft")
            draft.write_text(
                json.dumps({"hits": known_hits + hits, "misses": known_misses + misses})
            )
            draft.replace(self._path)
        self._hits -= hits
        self._misses -= misses

    def _persisted(self) -> tuple[int, int]:
        try:
            document = json.loads(self._path.read_text())
            return max(0, int(document["hits"])), max(0, int(document["misses"]))
        except FileNotFoundError:
            return 0, 0
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("cache statistics start anew: path=%s reason=%s", self._path, error)
            return 0, 0

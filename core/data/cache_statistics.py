"""How often each tier of the cache answered, summed over all processes that used it."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock

from core.data.atomic_file import replace_file

logger = logging.getLogger(__name__)

_LOCK_TIMEOUT_S = 10.0
_MOST = 2**53
# Whatever may be in the file: it is only a cache.
_DAMAGE = (ValueError, KeyError, TypeError, OverflowError, RecursionError)
_Count = tuple["Tier", bool]


class Tier(StrEnum):
    """Where candles can come from; each is asked when those before it do not have them."""

    MEMORY = "memory"
    PARQUET = "parquet"
    REST = "rest"


class CacheStatistics:
    """Hits and misses of this process, added to those on disk at each `persist`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._counts: Counter[_Count] = Counter()
        self._damage = ""
        self._lock = threading.Lock()
        self._persisting = threading.Lock()  # held while the disk works, so never by `count`

    def count(self, tier: Tier, *, hit: bool) -> None:
        """Count that a tier was asked."""
        with self._lock:
            self._counts[tier, hit] += 1

    def totals(self) -> dict[Tier, tuple[int, int]]:
        """Return hits and misses of all processes, as far as they have told, by tier."""
        with self._persisting:
            counts = self._persisted() + self._counts
        return {tier: (counts[tier, True], counts[tier, False]) for tier in Tier}

    def persist(self) -> None:
        """
        Add what was counted since the last time to the file.

        Raises:
            OSError: If the file cannot be written, or its lock not be had in time.
        """
        if not self._counts:
            return
        locks = self._path.parent / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{self._path.name}.lock", timeout=_LOCK_TIMEOUT_S):
            self._add_to_file()

    def _add_to_file(self) -> None:
        with self._persisting:
            with self._lock:
                told = self._counts.copy()
            text = json.dumps(_document(self._persisted() + told))
            replace_file(self._path, lambda file: file.write(text.encode()))
            with self._lock:
                self._counts -= told

    def _persisted(self) -> Counter[_Count]:
        try:
            return _counts(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return Counter()
        except (OSError, *_DAMAGE) as error:
            damage = str(error)
            if damage != self._damage:  # it is read again and again until it is replaced
                self._damage = damage
                logger.warning("cache statistics start anew: path=%s reason=%s", self._path, error)
            return Counter()


def _document(counts: Mapping[_Count, int]) -> dict[str, dict[str, int]]:
    return {
        tier.value: {"hits": counts[tier, True], "misses": counts[tier, False]} for tier in Tier
    }


def _counts(document: Any) -> Counter[_Count]:
    if not isinstance(document, dict):
        raise TypeError("not an object")
    if "hits" in document:  # as it was before the tiers were told apart
        document = {Tier.MEMORY.value: document}
    counts: Counter[_Count] = Counter()
    for tier in Tier:
        row = document.get(tier.value, {"hits": 0, "misses": 0})
        counts[tier, True] = min(max(0, int(row["hits"])), _MOST)
        counts[tier, False] = min(max(0, int(row["misses"])), _MOST)
    return counts

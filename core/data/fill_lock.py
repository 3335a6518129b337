"""One process at a time fills a series; who comes second finds it done on disk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from filelock import BaseFileLock, Timeout

from core.data.data_store import DataStore
from core.model.intervals import Interval

_POLL_S = 2.0


@asynccontextmanager
async def fill_lock(
    store: DataStore,
    symbol: str,
    interval: Interval,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    patience_polls: int | None = None,
) -> AsyncIterator[None]:
    """
    Hold the lock of a series; having had to wait, read again what the other has written.

    Args:
        store: Whose files are meant.
        symbol: Name of the perpetual.
        interval: Of the series.
        sleep: Time, for tests.
        patience_polls: After so many looks go on without the lock, as when it cannot be made;
            None waits without end.

    Raises:
        OSError: If the lock cannot be made, and nothing else will do.
    """
    lock: BaseFileLock | None = None
    polls = 0
    try:
        lock = store.log.lock(symbol, interval, "fill")
        while patience_polls is None or polls <= patience_polls:
            try:
                lock.acquire(blocking=False)
                break
            except Timeout:
                polls += 1
                await sleep(_POLL_S)
    except OSError:
        if patience_polls is None:
            raise
    try:
        if polls:
            await asyncio.to_thread(store.refresh, symbol, interval)
        yield
    finally:
        if lock is not None and lock.is_locked:
            lock.release()

"""Works that go on beside a block and end with it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

logger = logging.getLogger(__name__)


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do works while the block runs; one that fails is logged and spares the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _tell(task: "asyncio.Future[None]") -> None:
    failure = None if task.cancelled() else task.exception()
    if failure is not None:
        logger.error("what runs beside has ended, the rest goes on", exc_info=failure)

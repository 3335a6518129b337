"""The life of a foreground process: until its work is done, or it is told to end."""

import asyncio
import gc
import logging
import signal
from collections.abc import Coroutine
from typing import Any

from core.journal.errors import JournalError
from core.simulator.errors import SimulatorError

logger = logging.getLogger(__name__)


def run_until_stopped(main_task: Coroutine[Any, Any, None]) -> None:
    """Run until done; TERM and Ctrl-C are a clean stop."""

    async def run() -> None:
        task = asyncio.ensure_future(main_task)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            return
        except (JournalError, SimulatorError):
            raise
        except Exception:
            logger.exception("the process ends: it cannot go on")
            raise

    # What is loaded by now stays. Looking through it for cycles now and then would hold up every
    # thread for 0.1 s each time, on a busy machine for several times as long.
    gc.freeze()
    try:
        asyncio.run(run())
    finally:
        _spare_collection()


def _spare_collection() -> None:
    """
    Keep the ending interpreter from looking through all objects for cycles, several times.

    That took up to three of the five seconds within which a process is to be gone. What has to
    be closed has been closed by then.
    """
    gc.disable()
    gc.freeze()

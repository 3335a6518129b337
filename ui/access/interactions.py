"""Notes what a person did on the page, in ``logs/chat_history.log``."""

import logging
from typing import Final

from fastapi import Request

from ops.logs.files import INTERACTIONS

# Asked by the page itself, again and again, or kept with its answer by the chat.
_QUIET: Final = frozenset({"/trading/quote", "/trading/answer", "/chat/ask"})
_LONGEST: Final = 1_000

logger = logging.getLogger(INTERACTIONS)


async def note(request: Request) -> None:
    """Write one line of a request that changes something: what was asked for, and from where."""
    path = request.url.path
    if path in _QUIET:
        return
    asked = (await request.body())[:_LONGEST].decode(errors="replace")
    client = request.client.host if request.client is not None else "-"
    logger.info("dashboard action: path=%s from=%s asked=%s", path, client, asked or "-")

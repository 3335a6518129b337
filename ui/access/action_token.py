"""
The token that every request which changes something must carry.

The Origin check already keeps other sites out; the token keeps out what has no Origin and did
not load the page.
"""

import secrets
from typing import Annotated

from fastapi import Header, HTTPException, Request

from ui.access.interactions import note
from ui.access.server_key import ServerKey


class ActionToken:
    """
    Args:
        key: What it is made of; a page goes on across a restart of the server with the same.

    Attributes:
        value: What the page is given, and sends back as the header ``X-Trading-Token``.
    """

    def __init__(self, key: ServerKey | None = None) -> None:
        self.value = (key or ServerKey()).derived("actions").hex()

    async def required(
        self, request: Request, x_trading_token: Annotated[str, Header()] = ""
    ) -> None:
        """
        Let a request pass that carries the token, and note it: a dependency of routes.

        Raises:
            HTTPException: 403 without it.
        """
        if not secrets.compare_digest(x_trading_token.encode(), self.value.encode()):
            raise HTTPException(403, "This page is older than the server: reload it.")
        await note(request)

"""
The token that every request which changes something must carry.

The Origin check already keeps other sites out; the token keeps out what has no Origin and did
not load the page. It lives as long as the server.
"""

import secrets
from typing import Annotated

from fastapi import Header, HTTPException

_BYTES = 32


class ActionToken:
    """
    Attributes:
        value: What the page is given, and sends back as the header ``X-Trading-Token``.
    """

    def __init__(self) -> None:
        self.value = secrets.token_urlsafe(_BYTES)

    async def required(self, x_trading_token: Annotated[str, Header()] = "") -> None:
        """
        Let a request pass that carries the token: a dependency of routes.

        Raises:
            HTTPException: 403 without it.
        """
        if not secrets.compare_digest(x_trading_token.encode(), self.value.encode()):
            raise HTTPException(403, "This page is older than the server: reload it.")

"""A socket that ends with the session it was opened in: who has logged out hears no more."""

from collections.abc import Callable
from typing import Final

from starlette.types import Message, Receive, Send

_ENDED: Final = 1008  # RFC 6455: it goes against the server's policy


class SessionSocket:
    """
    Stands between a socket and the application.

    Args:
        receive: Of the socket.
        send: Of the socket.
        goes_on: Whether the session may still be used; asked with each message.
    """

    def __init__(self, receive: Receive, send: Send, *, goes_on: Callable[[], bool]) -> None:
        self._receive = receive
        self._send = send
        self._goes_on = goes_on
        self._is_closed = False

    async def receive(self) -> Message:
        """Return the next message; a disconnection once the session has ended."""
        message = await self._receive()
        if message["type"] == "websocket.receive" and await self._ended():
            return {"type": "websocket.disconnect", "code": _ENDED}
        return message

    async def send(self, message: Message) -> None:
        """Send a message; nothing once the session has ended."""
        if not await self._ended():
            await self._send(message)

    async def _ended(self) -> bool:
        if not self._is_closed and not self._goes_on():
            self._is_closed = True
            await self._send({"type": "websocket.close", "code": _ENDED})
        return self._is_closed

"""How much a request may carry."""

from collections import deque
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive

LARGEST_BODY: Final = 256 * 1024
"""Bytes of a request, and of a message of the socket: a page says far less of itself."""


class BodyTooLargeError(Exception):
    """More was sent, or announced, than is taken."""


async def whole_body(receive: Receive, headers: Headers, *, limit: int = LARGEST_BODY) -> Receive:
    """
    Read a request to its end.

    Returns:
        What gives the application the same messages.

    Raises:
        BodyTooLargeError: As soon as it is known that there are too many bytes.
    """
    announced = headers.get("content-length", "0")
    if not announced.isdecimal() or len(announced) > len(str(limit)) or int(announced) > limit:
        raise BodyTooLargeError
    messages: deque[Message] = deque()
    size, has_more = 0, True
    while has_more:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > limit:
            raise BodyTooLargeError
        has_more = message["type"] == "http.request" and message.get("more_body", False)

    async def again() -> Message:
        return messages.popleft() if messages else await receive()

    return again

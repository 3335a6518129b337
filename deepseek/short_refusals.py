"""An HTTP client that reads no more of a refusal than of an answer."""

import logging
from typing import Any, Final

import httpx2

logger = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 1_000_000
# They tell of the body as it was sent.
_OF_THE_BODY: Final = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})


class ShortRefusals(httpx2.AsyncClient):
    """
    Keeps the beginning of a refusal that is longer, or breaks off: what counts is its status.

    The SDK reads the body of an error whole before anybody can look at it; its caller has no
    say in that. One that is packed although nobody asked for it is not unpacked: a little may
    become very much.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(headers={"Accept-Encoding": "identity"}, **options)

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request; of anything but a success the body is read already."""
        response = await super().send(request, **options)
        if response.is_success or response.is_closed:
            return response
        headers = [(k, v) for k, v in response.headers.raw if k.lower() not in _OF_THE_BODY]
        return httpx2.Response(
            response.status_code,
            headers=headers,
            content=await _beginning_of(response),
            request=request,
        )


async def _beginning_of(response: httpx2.Response) -> bytes:
    body = b""
    packed = response.headers.get("Content-Encoding", "identity") != "identity"
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if packed or len(body) >= MAX_BODY_BYTES:
                break
    except httpx2.HTTPError as error:
        logger.warning(
            "refusal broke off: status=%d by=%s", response.status_code, type(error).__name__
        )
    finally:
        await response.aclose()
    return b"" if packed else body[:MAX_BODY_BYTES]

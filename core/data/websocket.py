"""The only module that knows the ``websockets`` library."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeAlias

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from core.data.errors import StreamRefusedError

_OPEN_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 1.0
# Frames the library may hold while the loop is busy: at 4 frames a second and symbol a minute
# of 20 symbols. When it is full the exchange is made to wait, and may hang up.
_QUEUED_FRAMES = 4096
_CLIENT_ERRORS = range(400, 500)
_REFUSALS = {
    451: "the exchange does not serve this location (HTTP 451); see its terms on your country",
    403: "blocked by the exchange's firewall (HTTP 403); the address or the request displeased it",
    418: "this address is banned for too many requests (HTTP 418)",
    429: "too many connects from this address (HTTP 429)",
    404: "no such path at this server (HTTP 404); check exchange.ws_url",
}


class UnreachableError(ConnectionError):
    """Nobody answered: no network, no such host, nobody listening."""


class Socket(Protocol):
    """An open connection that delivers frames and takes commands."""

    async def receive(self) -> bytes:
        """
        Return the next frame; waits for it without end.

        Raises:
            ConnectionError: If the connection is gone.
        """

    async def send(self, text: str) -> None:
        """
        Send a command.

        Raises:
            ConnectionError: If the connection is gone.
        """


Connect: TypeAlias = Callable[[str], AbstractAsyncContextManager[Socket]]


class _OpenSocket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> bytes:
        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            raise ConnectionError(_closing(error)) from error

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            raise ConnectionError(_closing(error)) from error


@asynccontextmanager
async def open_socket(url: str) -> AsyncIterator[Socket]:
    """
    Connect, and close at the end of the block.

    No proxy is taken from the environment, so that loopback and the exchange behave alike.

    Raises:
        UnreachableError: If nobody answers.
        ConnectionError: If the server is broken or overloaded.
        StreamRefusedError: If it answers that it will not serve us.
    """
    try:
        connection = await connect(
            url,
            proxy=None,
            compression=None,
            open_timeout=_OPEN_TIMEOUT_S,
            close_timeout=_CLOSE_TIMEOUT_S,
            max_queue=_QUEUED_FRAMES,
        )
    except InvalidStatus as error:
        raise _refusal(error) from error
    except WebSocketException as error:
        raise ConnectionError(str(error) or type(error).__name__) from error
    except OSError as error:
        raise UnreachableError(str(error) or type(error).__name__) from error
    try:
        yield _OpenSocket(connection)
    finally:
        await connection.close()


def _refusal(error: InvalidStatus) -> Exception:
    status = error.response.status_code
    told = error.response.headers.get("Retry-After", "")
    if status not in _CLIENT_ERRORS:
        return ConnectionError(f"HTTP {status} at the handshake")
    reason = _REFUSALS.get(status, f"the exchange refused the connection (HTTP {status})")
    return StreamRefusedError(reason, status, float(told) if told.isdecimal() else None)


def _closing(error: ConnectionClosed) -> str:
    if error.rcvd is None:
        return "connection lost"
    return f"closed by the server: {error.rcvd.code} {error.rcvd.reason}".strip()

"""What can go wrong between us and the exchange."""


class DataError(Exception):
    """Root of the errors of this package."""


class MalformedMessageError(DataError):
    """
    A payload that is not what the protocol promises.

    Attributes:
        kind: Short stable name of the fault; malformed messages are counted by it.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


class RestError(DataError):
    """
    A REST request failed for good; the message names endpoint, status, code and text.

    Attributes:
        status: HTTP status; None when no answer came at all.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class StreamRefusedError(DataError):
    """
    The exchange answered the handshake and said no; the message says why in plain words.

    Attributes:
        retry_after_s: How long the exchange asked us to stay away; None when it did not say.
    """

    def __init__(self, message: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s

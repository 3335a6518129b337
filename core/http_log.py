"""What our web servers log: a line for a broken request, a traceback only for a fault of ours."""

import logging
from collections.abc import MutableMapping
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

_LONGEST_REASON = 200


class HttpLog(logging.LoggerAdapter[logging.Logger]):
    """Given to aiohttp in place of its own logger."""

    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[object, MutableMapping[str, Any]]:
        """Say in the line what a client did wrong."""
        error = kwargs.get("exc_info")
        if not isinstance(error, HttpProcessingError):
            return msg, kwargs
        reason = " ".join(str(error).split())[:_LONGEST_REASON].replace("%", "%%")
        return f"{msg} reason={reason}", {**kwargs, "exc_info": None}

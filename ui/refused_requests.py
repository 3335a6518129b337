"""What a request is told whose fields are not what a route takes: words, and none of its own."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

_UNPROCESSABLE = 422
_FAULTS_TOLD = 5
_LONGEST_PLACE = 60


def tell_in_words(server: FastAPI) -> None:
    """
    Answer such requests with ``{"detail": "..."}``, as the routes answer what they refuse.

    FastAPI would repeat the value, which cannot be written as JSON where it is NaN or half of a
    surrogate pair.
    """

    async def refused(_: Request, error: Exception) -> JSONResponse:
        faults = error.errors() if isinstance(error, RequestValidationError) else ()
        told = "; ".join(
            f"{_place(fault['loc'])}: {fault['msg']}" for fault in faults[:_FAULTS_TOLD]
        )
        plain = told.encode("utf-8", "backslashreplace").decode()
        return JSONResponse({"detail": f"{plain}."}, _UNPROCESSABLE)

    server.add_exception_handler(RequestValidationError, refused)


def _place(loc: tuple[str | int, ...]) -> str:
    """Return which field it is; ``loc`` begins with where it was sent."""
    return ".".join(map(str, loc[1:]))[:_LONGEST_PLACE] or "body"

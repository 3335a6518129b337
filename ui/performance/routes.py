"""What the page asks for when something is new, and the exports."""

from collections.abc import Callable
from string import ascii_letters, digits
from typing import Annotated
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Query, Response
from fastapi.concurrency import run_in_threadpool

from core.journal.errors import JournalError
from ops.success_report import as_document
from ui.look import Theme
from ui.performance.desk import Judged, PerformanceDesk
from ui.performance.document import document
from ui.performance.export import metrics_csv, trades_csv
from ui.performance.question import Question, QuestionError, question_of, source_of

_JSON = "application/json"
_CSV = "text/csv; charset=utf-8"
_PLAIN = frozenset(ascii_letters + digits + "._-")
_LEAST_PX, _MOST_PX = 100, 4000
_Text = Annotated[str, Query(max_length=40)]
_Pixels = Annotated[int, Query(ge=_LEAST_PX, le=_MOST_PX)]


def _asked(period: _Text = "", since: _Text = "", symbol: _Text = "") -> Question:
    try:
        return question_of(period, since, symbol)
    except QuestionError as error:
        raise HTTPException(422, str(error)) from error


_Asked = Annotated[Question, Depends(_asked)]


def performance_routes(desk: PerformanceDesk) -> APIRouter:
    """Return the routes that read; nothing is changed by them."""
    router = APIRouter(prefix="/performance", include_in_schema=False)

    @router.get("/document")
    async def told(
        question: _Asked, account: _Text = "", theme: Theme = Theme.DARK, width: _Pixels = 1000
    ) -> Response:
        try:
            source = source_of(account)
        except QuestionError as error:
            raise HTTPException(422, str(error)) from error

        def written(judged: Judged) -> bytes:
            return msgspec.json.encode(document(judged, source, theme, width))

        return Response(await _made(desk, question, written), media_type=_JSON)

    @router.get("/metrics.json")
    async def as_json(question: _Asked) -> Response:
        def written(judged: Judged) -> bytes:
            return msgspec.json.encode(as_document(judged.report))

        body = await _made(desk, question, written)
        return _file(body, _JSON, f"metrics_{question.words}.json")

    @router.get("/metrics.csv")
    async def as_table(question: _Asked) -> Response:
        body = await _made(desk, question, lambda judged: metrics_csv(judged.report).encode())
        return _file(body, _CSV, f"metrics_{question.words}.csv")

    @router.get("/trades.csv")
    async def trades(question: _Asked) -> Response:
        body = await _made(desk, question, lambda judged: trades_csv(judged).encode())
        return _file(body, _CSV, f"trades_{question.words}.csv")

    return router


async def _made(
    desk: PerformanceDesk, question: Question, written: Callable[[Judged], bytes]
) -> bytes:
    """Judge and write in a thread: both may take long."""
    try:
        return await run_in_threadpool(lambda: written(desk.judged(question)))
    except JournalError as error:
        raise HTTPException(503, f"The journal cannot be read: {error}") from error


def _file(body: bytes, media_type: str, name: str) -> Response:
    # Symbols may be written in any script, and a header in one only (RFC 6266).
    plain = "".join(letter if letter in _PLAIN else "_" for letter in name)
    told = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": told, "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)

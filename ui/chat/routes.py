"""Asking a question: one request, whose answer comes line by line as it is written."""

import json
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from core.model.intervals import Interval
from deepseek.chat_prompt import MAX_QUESTION_CHARACTERS
from ui.access.action_token import ActionToken
from ui.chat.room import ChatRoom, Question


class Asked(BaseModel):
    """A question about a market on screen."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARACTERS)]
    symbol: str
    interval: Annotated[Interval, Field(strict=False)]


def chat_router(
    room: ChatRoom, symbols: Callable[[], Collection[str]], actions: ActionToken
) -> APIRouter:
    """
    Return ``POST /chat/ask``; closing the connection stops the answer.

    Args:
        room: Answers.
        symbols: What is followed.
        actions: Guards the route: a question costs money.
    """
    router = APIRouter(prefix="/chat", dependencies=[Depends(actions.required)])

    @router.post("/ask")
    async def ask(body: Asked) -> Response:
        if not body.question.strip() or body.symbol not in symbols():
            return JSONResponse({"detail": "A question and a followed symbol are needed."}, 422)
        question = Question(body.question, body.symbol, body.interval)
        return StreamingResponse(_lines(room, question), media_type="application/x-ndjson")

    return router


async def _lines(room: ChatRoom, question: Question) -> AsyncGenerator[str, None]:
    async with aclosing(room.answers(question)) as answers:
        async for line in answers:
            yield json.dumps(line) + "\n"

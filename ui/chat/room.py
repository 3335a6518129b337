"""Where questions are asked: the one chat service of the process, and how answers are told."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from core.config import DeepSeekSettings
from core.data.errors import DataError
from core.journal.errors import JournalError
from core.model.intervals import Interval
from core.model.verdict import AbstentionReason
from deepseek.call_tally import CallTally
from deepseek.chat import ChatMemory, ChatOutcome, ChatService
from ui.chat.market import NotKnownError, ScreenFacts

logger = logging.getLogger(__name__)

Line: TypeAlias = dict[str, Any]
"""``stage``, ``piece`` or ``end``, as ``chat.js`` reads it."""
_NO_KEY = "there is no key for DeepSeek"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks about a market on screen."""

    text: str
    symbol: str
    interval: Interval


class ChatRoom:
    """
    Args:
        settings: Whom to ask.
        facts: Reads the market.
        memory: Opens where the talk is kept; called once, in a thread, when somebody asks first.
        tally: Counts the calls.
    """

    def __init__(
        self,
        settings: DeepSeekSettings,
        facts: ScreenFacts,
        memory: Callable[[], ChatMemory],
        tally: CallTally | None = None,
    ) -> None:
        self._settings = settings
        self._facts = facts
        self._memory = memory
        self._tally = tally or CallTally()
        self._service: ChatService | None = None
        self._opening = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    async def answers(self, question: Question) -> AsyncGenerator[Line, None]:
        """
        Yield an answer line by line; the last says how it ended.

        Whoever no longer wants it closes the generator: what came by then is kept.
        """
        lines: asyncio.Queue[Line | None] = asyncio.Queue()
        # A task of its own: the server cancels a request again and again, this is cancelled once.
        task = asyncio.create_task(self._answer(question, lines))
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        try:
            while (line := await lines.get()) is not None:
                yield line
        finally:
            task.cancel()

    async def _answer(self, question: Question, lines: "asyncio.Queue[Line | None]") -> None:
        try:
            if self._settings.api_key is None:
                lines.put_nowait(_end(AbstentionReason.NO_KEY.value, _NO_KEY))
                return
            lines.put_nowait({"stage": "Reading the market"})
            facts = await self._facts.facts(question.symbol, question.interval)
            service = await self._opened()
            lines.put_nowait({"stage": "Waiting for DeepSeek"})
            async with aclosing(service.ask(question.text, facts)) as answer:
                async for told in answer:
                    lines.put_nowait({"piece": told} if isinstance(told, str) else _over(told))
        except NotKnownError as error:
            lines.put_nowait(_end("no_facts", str(error)))
        except DataError as error:
            lines.put_nowait(_end("no_facts", f"history cannot be fetched: {error}"))
        except JournalError as error:
            lines.put_nowait(_end(AbstentionReason.NOT_RECORDED.value, f"the journal: {error}"))
        finally:
            lines.put_nowait(None)

    async def _opened(self) -> ChatService:
        async with self._opening:
            if self._service is None:
                memory = await asyncio.to_thread(self._memory)
                self._service = await asyncio.to_thread(
                    partial(ChatService, self._settings, memory, tally=self._tally)
                )
            return self._service

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("chat failed", exc_info=error)


def _over(told: ChatOutcome) -> Line:
    line = _end(told.reason, told.detail)
    usd = told.call.cost_usd if told.call is not None else 0.0
    return {"end": line["end"] | {"usd": usd, "unsaved": told.unsaved}}


def _end(reason: str, detail: str) -> Line:
    return {"end": {"reason": reason, "detail": detail, "usd": 0.0, "unsaved": ""}}

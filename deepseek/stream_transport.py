"""One streamed answer over HTTP; like `deepseek.transport`, imported only with a key to use."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final

import httpx2
import openai

from core.model.verdict import AbstentionReason
from deepseek.chat_prompt import ChatPrompt
from deepseek.completion import Failure, failure
from deepseek.stream_events import Piece, parse_line
from deepseek.transport import (
    DECODER_DEFECTS,
    Transport,
    never_sent,
    refusal_of,
    thinking_options,
)

_MAX_LINE_BYTES: Final = 200_000


class StreamTransport(Transport):
    """A `Transport` whose answers come piece by piece."""

    async def stream(self, prompt: ChatPrompt) -> AsyncGenerator[Piece | Failure, None]:
        """
        Send the question once and yield what comes; raises for nothing but cancellation.

        After a failure nothing follows. That the stream ends says nothing of the answer:
        its last piece does.
        """
        begun = False
        try:
            async with aclosing(self._lines(prompt)) as lines:
                async for line in lines:
                    begun = True
                    said = parse_line(line)
                    if said is not None:
                        yield self._keyless(said)
        except (
            openai.OpenAIError,
            httpx2.HTTPError,
            _LineTooLongError,
            *DECODER_DEFECTS,
        ) as error:
            yield self._keyless(self._failed(error, begun=begun))

    def _keyless(self, said: Piece | Failure) -> Piece | Failure:
        """Hide the key in all but the text, in which it may lie across two pieces."""
        if isinstance(said, Failure):
            return self._failure_without_key(said)
        model, finish_reason = self._hidden(said.model), self._hidden(said.finish_reason)
        return replace(said, model=model, finish_reason=finish_reason)

    def _failed(self, error: Exception, *, begun: bool) -> Failure:
        match error:
            case openai.APIStatusError():
                return refusal_of(error, self._settings.model)
            case openai.APITimeoutError() | httpx2.TimeoutException():
                detail = "the server has gone silent"
                return failure(AbstentionReason.TIMEOUT, detail, free=never_sent(error))
            case openai.APIConnectionError() | httpx2.HTTPError():
                reason = AbstentionReason.CUT_OFF if begun else AbstentionReason.NETWORK
                cause = type(error.__cause__ or error).__name__
                detail = f"the connection failed ({cause})"
                return failure(reason, detail, free=never_sent(error))
            case _LineTooLongError():
                detail = f"a line of over {_MAX_LINE_BYTES} bytes"
                return failure(AbstentionReason.TOO_LONG, detail)
            case _:
                return failure(AbstentionReason.SERVER, type(error).__name__)

    async def _lines(self, prompt: ChatPrompt) -> AsyncGenerator[bytes, None]:
        messages: Any = [{"role": role, "content": text} for role, text in prompt.messages]
        async with self._client.chat.completions.with_streaming_response.create(
            model=self._settings.model,
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            max_tokens=self._settings.max_tokens,
            extra_body=thinking_options(self._settings.thinking),
        ) as response:
            rest = b""
            async for chunk in response.iter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line.rstrip(b"\r")
                if len(rest) > _MAX_LINE_BYTES:
                    raise _LineTooLongError
            yield rest


class _LineTooLongError(Exception):
    """More bytes than an event can have."""

"""
The only importer of the openai SDK: one attempt at one question, over HTTP.

The import takes about half a second and 50 MB, so this module is imported when
there is a key to use it with. It knows statuses and sockets; what an answer
means is `deepseek.completion`'s business, and when to try again the client's.
"""

import ipaddress
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import httpx2
import openai

from core.config import ConfigError, DeepSeekSettings
from core.model.verdict import AbstentionReason
from deepseek.completion import Completion, Failure, error_message, failure, parse_completion
from deepseek.prompt import Prompt
from deepseek.short_refusals import MAX_BODY_BYTES, ShortRefusals

_CONNECT_S: Final = 5.0
_NEVER_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
_SERVER_ERRORS: Final = 500
_NO_SUCH_MODEL: Final = "model not exist"
_HIDDEN: Final = "***"
# A shorter key is a placeholder for a local server; hiding it would eat ordinary words.
_SHORTEST_SECRET: Final = 6
_SHORTEST_FRAGMENT: Final = 4
DECODER_DEFECTS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""
What the SDK lets through when it reads a page whose header names a codec that is none for text:
`Content-Type: text/html; charset=hex` is enough.
"""
_REASON_OF_STATUS: Final = {
    400: AbstentionReason.BAD_REQUEST,
    401: AbstentionReason.AUTHENTICATION,
    402: AbstentionReason.BALANCE,
    403: AbstentionReason.AUTHENTICATION,
    404: AbstentionReason.UNKNOWN_MODEL,
    408: AbstentionReason.SERVER,
    422: AbstentionReason.PARAMETERS,
    429: AbstentionReason.RATE_LIMIT,
    503: AbstentionReason.OVERLOADED,
}


class Transport:
    """
    A connection pool to one DeepSeek-compatible server.

    Proxies named in the environment are used, but not for a server on this machine.

    Raises:
        ConfigError: If ``base_url`` is no address.
    """

    def __init__(self, settings: DeepSeekSettings, key: str) -> None:
        self._settings = settings
        self._key = key
        try:
            trust_env = not _is_loopback(settings.base_url)
            self._client = openai.AsyncOpenAI(
                api_key=key,
                base_url=settings.base_url,
                max_retries=0,
                http_client=ShortRefusals(
                    trust_env=trust_env,
                    follow_redirects=False,  # the question goes where the configuration says
                    timeout=httpx2.Timeout(settings.timeout_s, connect=_CONNECT_S),
                ),
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise ConfigError(f"deepseek.base_url: no address: {error}") from error
        # The SDK takes these from OPENAI_* variables that are meant for another provider.
        self._client.organization = None
        self._client.project = None

    async def ask(self, prompt: Prompt) -> Completion | Failure:
        """Send the question once; raises for nothing but cancellation."""
        try:
            outcome = parse_completion(await self._body(prompt))
        except openai.APIStatusError as error:
            outcome = refusal_of(error, self._settings.model)
        except (openai.APITimeoutError, httpx2.TimeoutException) as error:
            detail = "the server cannot be reached in time"
            outcome = failure(AbstentionReason.TIMEOUT, detail, free=never_sent(error))
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            detail = f"the connection failed ({type(error.__cause__ or error).__name__})"
            outcome = failure(AbstentionReason.NETWORK, detail, free=never_sent(error))
        except _CutOffError as error:
            cause = type(error.__cause__).__name__
            outcome = failure(AbstentionReason.CUT_OFF, f"the answer broke off ({cause})")
        except _BodyTooLongError:
            outcome = failure(AbstentionReason.TOO_LONG, f"a body of over {MAX_BODY_BYTES} bytes")
        except (openai.OpenAIError, *DECODER_DEFECTS) as error:
            outcome = failure(AbstentionReason.SERVER, type(error).__name__)
        return self._without_key(outcome)

    async def aclose(self) -> None:
        """Close the pool."""
        await self._client.close()

    async def _body(self, prompt: Prompt) -> bytes:
        """Return the body without leading white space, which is how the server says "wait"."""
        thinking = self._settings.thinking
        async with self._client.chat.completions.with_streaming_response.create(
            model=self._settings.model,
            messages=[
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            response_format={"type": "json_object"},
            temperature=0.0 if thinking == "disabled" else openai.omit,
            max_tokens=self._settings.max_tokens,
            extra_body=thinking_options(thinking),
        ) as response:
            try:
                return await _without_leading_space(response.iter_bytes())
            except httpx2.TimeoutException:
                raise
            except (openai.APIConnectionError, httpx2.HTTPError) as error:
                raise _CutOffError from error

    def _without_key(self, outcome: Completion | Failure) -> Completion | Failure:
        """Hide the key in what the server sent, should it have echoed it."""
        if isinstance(outcome, Failure):
            return self._failure_without_key(outcome)
        return replace(
            outcome,
            content=self._hidden(outcome.content),
            finish_reason=self._hidden(outcome.finish_reason),
            model=self._hidden(outcome.model),
        )

    def _failure_without_key(self, failed: Failure) -> Failure:
        detail = self._hidden(failed.abstention.detail)
        return replace(failed, abstention=replace(failed.abstention, detail=detail))

    def _hidden(self, text: str) -> str:
        if len(self._key) < _SHORTEST_SECRET:
            return text
        whole = text.replace(self._key, _HIDDEN)
        # What was cut to a length may end in the beginning of the key.
        for length in range(len(self._key) - 1, _SHORTEST_FRAGMENT - 1, -1):
            if whole.endswith(self._key[:length]):
                return whole[:-length] + _HIDDEN
        return whole


class _BodyTooLongError(Exception):
    """More bytes than an answer can have."""


class _CutOffError(Exception):
    """The connection broke after the answer had begun."""


def thinking_options(thinking: str) -> dict[str, object]:
    """Return what the provider wants to be told about thinking, which it does unless told."""
    if thinking == "disabled":
        return {"thinking": {"type": "disabled"}}
    return {"thinking": {"type": "enabled"}, "reasoning_effort": thinking}


def never_sent(error: Exception) -> bool:
    """Whether a question cannot have reached the server."""
    return isinstance(error.__cause__ or error, _NEVER_SENT)


async def _without_leading_space(chunks: AsyncIterator[bytes]) -> bytes:
    body = b""
    async for chunk in chunks:
        body = body + chunk if body else chunk.lstrip()
        if len(body) > MAX_BODY_BYTES:
            raise _BodyTooLongError
    return body


def refusal_of(error: openai.APIStatusError, model: str) -> Failure:
    """Return what an error status means to somebody who asked ``model``."""
    said = error_message(error.body)
    reason = _REASON_OF_STATUS.get(error.status_code)
    if reason is None:
        refused = error.status_code < _SERVER_ERRORS
        reason = AbstentionReason.REQUEST if refused else AbstentionReason.SERVER
    # A retired name is refused with 400 (PROTOCOLS E1); the provider says which name.
    if reason is AbstentionReason.BAD_REQUEST and (
        model.lower() in said.lower() or _NO_SUCH_MODEL in said.lower()
    ):
        reason = AbstentionReason.UNKNOWN_MODEL
    detail = f"HTTP {error.status_code} {said}"
    wait_s = _seconds(error.response.headers.get("retry-after", ""))
    return failure(reason, detail, wait_s, free=True)


def _seconds(header: str) -> float | None:
    try:
        seconds = float(header)
    except ValueError:  # absent, or a date: our own delay serves
        return None
    return seconds if 0.0 <= seconds < math.inf else None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False

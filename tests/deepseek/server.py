"""A DeepSeek-compatible server on loopback that plays a script, one act per request."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Act = Callable[[web.Request], Awaitable[web.StreamResponse]]

GOOD = {
    "action": "LONG",
    "confidence": 61,
    "entry_price": 100.0,
    "stop_loss": 98.0,
    "take_profit": 104.0,
    "reasoning": "The trend agrees.",
    "invalidation": ["close below 98"],
    "evidence": [{"feature": "rsi_14", "value": 61.2}],
}
USAGE = {
    "prompt_tokens": 1000,
    "prompt_cache_hit_tokens": 600,
    "prompt_cache_miss_tokens": 400,
    "completion_tokens": 200,
    "total_tokens": 1200,
}


def completion(content=None, finish_reason="stop", **changes):
    """A body as the provider sends it."""
    content = json.dumps(GOOD) if content is None else content
    message = {"role": "assistant", "content": content}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "DeepSeek-V4.1-Flash",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": USAGE,
    } | changes


def says(content=None, finish_reason="stop", **changes):
    """Answer with a completion."""
    return body(json.dumps(completion(content, finish_reason, **changes)), "application/json")


def body(text, content_type="application/json", status=200, headers=None):
    """Answer with these bytes."""

    async def act(request):
        return web.Response(text=text, content_type=content_type, status=status, headers=headers)

    return act


def refuses(status, message="no", headers=None):
    """Answer with an error status in the provider's form."""
    error = {"message": message, "type": "x", "param": None, "code": "y"}
    return body(json.dumps({"error": error}), status=status, headers=headers)


def keeps_alive(lines, then=b"", pause_s=0.0):
    """Open the answer at once, send blank lines, then end it with ``then``."""

    async def act(request):
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(lines):
            await response.write(b"\n")
            await asyncio.sleep(pause_s)
        await response.write(then)
        return response

    return act


async def keeps_alive_for_ever(request):
    """Send blank lines as long as somebody listens."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b"\n")
        await asyncio.sleep(0.005)


async def drops_in_the_body(request):
    """Promise a long body, send a little of it and break the connection."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"choices": [')
    request.transport.abort()
    return response


async def drops_before_the_answer(request):
    """Break the connection without a word."""
    request.transport.abort()
    return web.Response()


async def never_answers(request):
    """Accept the question and stay silent."""
    await asyncio.Event().wait()


class Script:
    """What was asked, and what is still to be played; the last act repeats."""

    def __init__(self, acts):
        self._acts = list(acts)
        self.requests = []
        self.headers = []
        self.url = ""

    async def play(self, request):
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
        return await act(request)


@asynccontextmanager
async def deepseek_playing(*acts):
    """Serve ``acts`` on a free port of loopback."""
    script = Script(acts)
    app = web.Application()
    app.router.add_post("/chat/completions", script.play)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    script.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield script
    finally:
        await runner.cleanup()

"""Streamed answers of a DeepSeek-compatible server; acts for `tests.deepseek.server`."""

import asyncio
import json

from aiohttp import web

USAGE = {"prompt_tokens": 1000, "prompt_cache_hit_tokens": 600, "completion_tokens": 200}


def chunk(text=None, finish_reason=None, usage=None):
    """One event as the provider sends it."""
    choices = [{"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}]
    if usage is not None:
        choices = []
    event = {"id": "1", "model": "deepseek-flash", "choices": choices, "usage": usage}
    return f"data: {json.dumps(event)}\n\n"


def streams(*parts, then=None):
    """Send these texts, each by itself; ``then`` says how it goes on: None ends the body."""

    async def act(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for part in parts:
            await response.write(part.encode())
            await asyncio.sleep(0)
        if then == "abort":
            await asyncio.sleep(0.02)
            request.transport.abort()
        if then == "silence":
            await asyncio.Event().wait()
        while then == "keep-alive":
            await response.write(b": keep-alive\n\n")
            await asyncio.sleep(0.005)
        return response

    return act


def says(*texts, finish_reason="stop"):
    """A whole answer in pieces, after a sign of life."""
    pieces = [chunk(text) for text in texts]
    end = [chunk(None, finish_reason), chunk(usage=USAGE), "data: [DONE]\n\n"]
    return streams(": keep-alive\n\n", *pieces, *end)

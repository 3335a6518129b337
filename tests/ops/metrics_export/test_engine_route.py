import asyncio
import urllib.request

import pytest

from core.model.engine_report import EngineReport
from ops.engine_health import serve_health
from ops.metrics_export.described import gauge
from ops.metrics_export.engine_route import metrics_route
from ops.metrics_export.exposition import Exposition, Parts
from tests.ops.metrics_export.reading import values
from tests.ports import unclaimed_port

LIVE = EngineReport(3, "LIVE", 0.1, 5, "nobody", 10_000.0, 0, was_live=True)


@pytest.mark.simulator
def test_the_engine_s_port_tells_metrics():
    told = gauge("told", "T.")
    exposition = Exposition(Parts({"a": lambda: [told.of(7.0)]}, {}))

    def asked(port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            return answer.headers["Content-Type"], answer.read()

    async def scenario():
        port = unclaimed_port()
        async with serve_health(port, lambda: LIVE, [metrics_route(exposition)]):
            return await asyncio.to_thread(asked, port)

    kind, text = asyncio.run(scenario())
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert values(text, "told") == {(): 7.0}

import asyncio
import json
from dataclasses import replace

from core.data.market_views import NOTHING_HEARD
from core.model.intervals import Interval
from tests.ui.fakes import TICKS_PER_BAR, world
from ui.chart_service import ChartService
from ui.drawn_charts import _MOST_KEPT, DrawnCharts
from ui.look import Look, Theme
from ui.theme import DARK, LIGHT
from ui.view import View

BTC = View("BTCUSDT", Interval.M1, ("supertrend",))


class Counting(ChartService):
    """Counts what it really draws."""

    def __init__(self, services):
        super().__init__(services)
        self.drawn = 0

    def chart(self, *args, **more):
        chart = super().chart(*args, **more)
        self.drawn += chart is not None
        return chart


def scene():
    market = world()
    service = Counting(market.services)
    return market, service, DrawnCharts(service)


async def shown(charts, view=BTC, known=None):
    return await charts.current(view, (), "", NOTHING_HEARD, known=known)


def test_ten_pages_with_one_view_are_drawn_once():
    async def scenario():
        _, service, charts = scene()
        drawn = await asyncio.gather(*(shown(charts) for _ in range(10)))
        assert service.drawn == 1
        assert len({id(chart) for chart in drawn}) == 1
        assert json.loads(drawn[0].json)["layout"]["meta"]["market"] == "BTCUSDT|1m"

    asyncio.run(scenario())


def test_what_a_page_has_already_is_not_given_again_until_a_bar_closes():
    async def scenario():
        market, service, charts = scene()
        first = await shown(charts)
        market.market.step(3)
        assert await shown(charts, known=first.stamp) is None
        market.market.step(TICKS_PER_BAR)
        second = await shown(charts, known=first.stamp)
        assert second is not None
        assert second.stamp.newest_ms == first.stamp.newest_ms + Interval.M1.duration_ms
        assert service.drawn == 2

    asyncio.run(scenario())


def test_a_figure_has_the_colours_of_its_look_and_names_it():
    async def scenario():
        _, _, charts = scene()
        dark = json.loads((await shown(charts)).json)
        view = replace(BTC, look=Look(theme=Theme.LIGHT))
        light = json.loads((await shown(charts, view)).json)
        assert dark["layout"]["paper_bgcolor"] == DARK.panel
        assert light["layout"]["paper_bgcolor"] == LIGHT.panel
        assert light["layout"]["meta"]["look"]["theme"] == "light"
        assert light["layout"]["meta"]["stamp"] != dark["layout"]["meta"]["stamp"]

    asyncio.run(scenario())


def test_only_so_many_charts_are_kept():
    async def scenario():
        _, service, charts = scene()
        for bars in range(1, _MOST_KEPT + 2):
            await shown(charts, View("BTCUSDT", Interval.M1, (), bars))
        before = service.drawn
        await shown(charts, View("BTCUSDT", Interval.M1, (), _MOST_KEPT + 1))
        assert service.drawn == before
        await shown(charts, View("BTCUSDT", Interval.M1, (), 1))
        assert service.drawn == before + 1

    asyncio.run(scenario())

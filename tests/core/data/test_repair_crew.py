"""What is said of candles that could not be fetched."""

import asyncio

import pytest

from core.data.errors import RestError
from core.data.pace import Pace
from core.data.repair_crew import RepairCrew


class Repair:
    """Asks once, in vain."""

    pending = True

    def __init__(self, error):
        self.error = error
        self.asked = asyncio.Event()

    def hole(self):
        return None

    async def run_once(self, announce):
        del announce
        self.asked.set()
        raise self.error


class Followed:
    def __init__(self, symbol, error):
        self.symbol = symbol
        self.rank, self.focused, self.refused, self.trouble = 0, True, "", ""
        self.repair = Repair(error)


async def rests(_):
    await asyncio.Event().wait()


def said_of(*errors):
    async def scenario():
        followed = {f"S{n}USDT": Followed(f"S{n}USDT", e) for n, e in enumerate(errors)}
        crew = RepairCrew(followed.get, print, Pace(6_000), sleep=rests, monotonic=lambda: 0.0)
        for symbol in followed:
            crew.want(symbol)
        running = asyncio.ensure_future(crew.run())
        async with asyncio.timeout(60):
            for symbol in followed.values():
                while not (symbol.refused or symbol.trouble):
                    await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return followed

    return list(asyncio.run(scenario()).values())


REFUSED = RestError("klines S0USDT 1m: HTTP 400 code -1121 Invalid symbol.", status=400)
AWAY = RestError("klines S1USDT 1m: unreachable")


@pytest.mark.parametrize(("error", "retries"), [(REFUSED, False), (AWAY, True)])
def test_only_what_waiting_may_cure_is_said_to_be_tried_again(caplog, error, retries):
    (symbol,) = said_of(error)
    assert ("retry" in caplog.text) is retries
    assert bool(symbol.refused) is not retries
    assert str(error) in caplog.text


def test_a_refusal_does_not_hide_a_failure_and_neither_is_said_twice_a_minute(caplog):
    said_of(REFUSED, AWAY, REFUSED, AWAY)
    assert len(caplog.records) == 2

import asyncio
import threading

from core.journal.errors import JournalError
from ops.metrics_export.described import gauge
from ops.metrics_export.exposition import Exposition, Parts
from tests.ops.metrics_export.reading import values

FIRST, SECOND, THIRD = (gauge(f"part_{n}", "P.", "l") for n in ("first", "second", "third"))


def fails(error):
    def read():
        yield SECOND.of({("half",): 1.0})
        raise error

    return read


def scraped(exposition, times=1):
    async def scrape():
        return [await exposition.text() for _ in range(times)][-1]

    return asyncio.run(scrape())


def test_a_part_that_fails_is_left_out_whole_counted_and_told_once(caplog):
    exposition = Exposition(
        Parts(
            {"first": lambda: [FIRST.of({("a",): 1})], "second": fails(JournalError("locked"))},
            {"third": lambda: [THIRD.of({("c",): 3})], "fourth": fails(PermissionError("no"))},
        )
    )
    told = scraped(exposition, times=2)
    assert values(told, "part_first") == {("a",): 1.0}
    assert values(told, "part_third") == {("c",): 3.0}
    assert b"part_second" not in told
    assert values(told, "trading_scrape_failures_total") == {
        ("first",): 0.0,
        ("second",): 2.0,
        ("third",): 0.0,
        ("fourth",): 2.0,
    }
    assert len(caplog.records) == 2


def test_a_part_that_works_again_and_fails_again_is_told_again(caplog):
    faults = [OSError("a"), None, OSError("b")]

    def read():
        fault = faults.pop(0)
        if fault:
            raise fault
        return ()

    scraped(Exposition(Parts({"part": read}, {})), times=3)
    assert len(caplog.records) == 2


def test_memory_is_read_on_the_loop_and_files_elsewhere():
    seen = {}

    def where(name):
        seen[name] = threading.current_thread() is threading.main_thread()
        return ()

    exposition = Exposition(Parts({"a": lambda: where("a")}, {"b": lambda: where("b")}))
    assert seen == {}, "nothing is read before somebody asks"
    scraped(exposition)
    assert seen == {"a": True, "b": False}


def test_scrapes_at_once_do_not_mix():
    count = iter(range(100))

    def number():
        value = next(count)
        return [FIRST.of({("a",): value})]

    async def scenario():
        exposition = Exposition(
            Parts({"x": number}, {"y": lambda: [SECOND.of({("b",): next(count)})]})
        )
        return await asyncio.gather(*(exposition.text() for _ in range(5)))

    for told in asyncio.run(scenario()):
        assert values(told, "part_second")[("b",)] == values(told, "part_first")[("a",)] + 1


def test_the_time_a_scrape_took_is_told():
    now = iter(range(100))
    told = scraped(Exposition(Parts({}, {}), monotonic=lambda: float(next(now))))
    assert values(told, "trading_scrape_duration_seconds") == {(): 1.0}


def test_a_disk_that_does_not_answer_costs_only_what_is_on_it():
    answers, starts = threading.Event(), []

    def stuck():
        starts.append(1)
        assert answers.wait(60)
        return [SECOND.of({("b",): 2})]

    async def scenario():
        exposition = Exposition(
            Parts({"memory": lambda: [FIRST.of({("a",): 1})]}, {"disk": stuck}), patience_s=0.01
        )
        told = [await exposition.text(), await exposition.text()]
        assert len(starts) == 1, "nobody waits twice for one disk"
        answers.set()
        while b"part_second" not in told[-1]:
            told.append(await exposition.text())
        return told

    told = asyncio.run(scenario())
    assert values(told[0], "part_first") == {("a",): 1.0}
    assert b"part_second" not in told[0] + told[1]
    assert values(told[1], "trading_scrape_failures_total")["disk",] == 2.0
    assert values(told[-1], "part_second") == {("b",): 2.0}

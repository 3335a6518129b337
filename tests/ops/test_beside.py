"""What goes on beside a block ends with it, and harms nothing when it fails."""

import asyncio

import pytest

from ops.beside import beside


def test_works_end_with_the_block():
    async def run():
        ended = []

        async def work(name):
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        async with beside(work("one"), work("two")):
            await asyncio.sleep(0)
            assert ended == []
        assert ended == ["one", "two"]

    asyncio.run(run())


def test_one_that_fails_is_logged_and_spares_the_others_and_the_block(caplog):
    async def run():
        seen = asyncio.Event()

        async def fails():
            raise RuntimeError("no luck")

        async def works():
            await asyncio.sleep(0)
            seen.set()

        async with beside(fails(), works()):
            await asyncio.wait_for(seen.wait(), 60)
        assert "no luck" in caplog.text

    asyncio.run(run())


def test_what_the_block_raises_is_raised():
    async def run():
        async def works():
            await asyncio.Event().wait()

        with pytest.raises(ValueError, match="of the block"):
            async with beside(works()):
                raise ValueError("of the block")

    asyncio.run(run())

"""Long series in blocks that stay in the processor's cache."""

from collections.abc import Iterator

# Columns of 15,000 and a window are below 128 KiB, from which on the C library asks the system.
_BLOCK_CANDLES = 15_000


def blocks(n: int, lead: int) -> Iterator[slice]:
    """
    Cut rows ``lead`` to ``n`` into blocks, each with the ``lead`` rows before it.

    Temporary columns as long as the series would be fresh pages of the system each time,
    which takes longer than the arithmetic. Results must not depend on the blocks: what is
    computed of a row may reach back by ``lead`` rows only.
    """
    for first in range(lead, n, _BLOCK_CANDLES):
        yield slice(first - lead, first + _BLOCK_CANDLES)

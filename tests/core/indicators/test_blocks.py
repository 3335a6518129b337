import pytest

from core.indicators.blocks import blocks


@pytest.mark.parametrize("n", [0, 1, 5, 6, 15_004, 15_005, 15_006, 40_000])
def test_blocks_hold_each_row_once_and_the_rows_before_it(n):
    lead, rows = 5, list(range(n))
    parts = [rows[block] for block in blocks(n, lead)]
    assert [row for part in parts for row in part[lead:]] == rows[lead:]
    assert all(len(part) > lead for part in parts)

"""Answers that others published, from the shared data set, where it is present."""

import csv
import json
import re
import zipfile
from functools import cache

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.config import REPOSITORY
from core.model.candles import FloatArray

SHARED = REPOSITORY.parent / "shared" / "data"
STOCK_INDICATORS = SHARED / "indicators" / "stock_indicators"
ORACLE = SHARED / "indicators" / "oracle"
ORACLE_FILES = ("BTCUSDT_5m_20250525_20250624", "ETHUSDT_15m_20250306_20250413")
needs_published = pytest.mark.skipif(
    not STOCK_INDICATORS.is_dir(), reason="the shared data set is not beside this checkout"
)
needs_oracle = pytest.mark.skipif(
    not ORACLE.is_dir(), reason="the shared data set is not beside this checkout"
)
every_oracle = pytest.mark.parametrize("file", ORACLE_FILES)
# `<c r="L17" s="9"><f>formula</f><v>1.25</v></c>`; formulas may be absent or shared, and a cell
# with a type (`t="s"`) holds no number.
_NUMBER = re.compile(
    r'<c r="([A-Z]+)(\d+)"(?: s="\d+")?>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>'
)


@cache
def quotes(name: str = "default") -> dict[str, FloatArray]:
    """Input of the published answers; ``default`` or ``bitcoin``."""
    text = (STOCK_INDICATORS / f"quotes_{name}.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    names = ("open", "high", "low", "close", "volume")
    return {column: np.array([float(row[column]) for row in rows]) for column in names}


@cache
def published(indicator: str) -> dict[str, FloatArray]:
    """Numeric columns of a Stock.Indicators baseline on the default quotes; NaN for null."""
    rows = json.loads((STOCK_INDICATORS / f"{indicator}.standard.json").read_text())
    return {
        name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)
        for name in rows[0]
        if name != "timestamp"
    }


@cache
def workbook(name: str, sheet: int = 1) -> dict[str, FloatArray]:
    """Columns of a hand calculation by their letters, from row 2 on; NaN where no number is."""
    with zipfile.ZipFile(STOCK_INDICATORS / name) as archive:
        text = archive.read(f"xl/worksheets/sheet{sheet}.xml").decode()
    cells = [(letter, int(row) - 2, value) for letter, row, value in _NUMBER.findall(text)]
    height = 1 + max(row for _, row, _ in cells)
    columns = {letter: np.full(height, np.nan) for letter, _, _ in cells}
    for letter, row, value in cells:
        if row >= 0:
            columns[letter][row] = float(value)
    return columns


@cache
def oracle(file: str) -> dict[str, FloatArray]:
    """Columns of recorded candles beside what TA-Lib and talipp make of them."""
    prices = pq.read_table(SHARED / "ohlcv" / "um_perp" / f"{file}.parquet")
    answers = pq.read_table(ORACLE / f"ORACLE_{file}.parquet")
    assert prices["open_time"].equals(answers["open_time"]), "another file than was computed on"
    tables = {name: table for table in (prices, answers) for name in table.column_names}
    return {
        name: np.array(tables[name][name].to_numpy())
        for name in tables
        if name not in {"open_time", "datetime", "close_time"}
    }

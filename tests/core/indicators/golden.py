"""Published results of Stock.Indicators, as columns."""

import csv
from functools import cache

import numpy as np

from core.config import REPOSITORY


@cache
def golden() -> dict[str, np.ndarray]:
    """Columns of the golden file; NaN where the publisher has no value yet."""
    text = (REPOSITORY / "tests" / "goldens" / "stock_indicators.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()[1:]))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}

"""Whether a confidence of 70 was right seven times out of ten."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from core.model.trade import Trade
from core.signals.metrics.bootstrap import Bounds
from core.signals.metrics.trades import closed_of

BUCKET_POINTS = 10  # ten buckets of confidence
# Below it no probability is shown (DESIGN 7).
LEAST_TRADES = 100
_Z_95 = 1.959963984540054  # of the normal distribution, two-sided 95 %


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    Trades of one range of confidence.

    Attributes:
        low, high: Of confidence; ``high`` belongs to the next bucket, but 100 to the last.
        hit_rate: Share that earned money after costs.
        bounds: Of the hit rate, 95 % by Wilson.
        probability: Calibrated: hit rates made to rise with confidence; None below
            100 closed trades in all.
    """

    low: int
    high: int
    count: int
    mean_confidence: float
    hit_rate: float
    bounds: Bounds
    probability: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """
    Confidence beside what came of it.

    Attributes:
        count: Closed trades it rests on.
        brier: Mean square of confidence / 100 less the outcome (1 earned, 0 not): 0 is
            perfect, 0.25 is what a constant 50 gets; None without a trade.
        brier_of_base_rate: What always saying the overall hit rate would have got.
        buckets: Those that hold a trade, lowest confidence first.
    """

    count: int
    brier: float | None
    brier_of_base_rate: float | None
    buckets: tuple[Bucket, ...]


def calibration_of(trades: Sequence[Trade]) -> Calibration:
    """
    Compare confidence with outcome over the closed ones among ``trades``, in any order.

    Source:
        G. W. Brier, *Verification of Forecasts Expressed in Terms of Probability*,
        Monthly Weather Review 78 (1950); in its halved form for two outcomes.
    """
    pairs = sorted((t.confidence, t.pnl > 0.0) for t in closed_of(trades) if t.pnl is not None)
    if not pairs:
        return Calibration(0, None, None, ())
    base_rate = fmean(hit for _, hit in pairs)
    return Calibration(
        count=len(pairs),
        brier=fmean((confidence / 100.0 - hit) ** 2 for confidence, hit in pairs),
        brier_of_base_rate=base_rate * (1.0 - base_rate),
        buckets=_buckets(pairs),
    )


def wilson(hits: int, count: int) -> Bounds:
    """
    Return the 95 % score interval of a share; sound for few trials and shares of 0 or 1.

    Args:
        hits: How many of them succeeded.
        count: How many trials; positive.

    Source:
        E. B. Wilson, *Probable Inference, the Law of Succession, and Statistical
        Inference*, Journal of the American Statistical Association 22 (1927).
    """
    share, z2 = hits / count, _Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z_95 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return Bounds(max(0.0, middle - half), min(1.0, middle + half))


def rising(shares: Sequence[float], weights: Sequence[int]) -> list[float]:
    """
    Return the nearest never-falling sequence, by weighted least squares.

    Source:
        Pool-adjacent-violators: M. Ayer et al., Annals of Mathematical Statistics 26 (1955);
        for calibration, B. Zadrozny, C. Elkan, KDD (2002).
    """
    pools: list[tuple[float, int, int]] = []  # level, weight, how many shares
    for share, weight in zip(shares, weights, strict=True):
        pools.append((share, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (left, left_weight, left_size), (right, right_weight, right_size) = pools[-2:]
            both = left_weight + right_weight
            level = (left * left_weight + right * right_weight) / both
            pools[-2:] = [(level, both, left_size + right_size)]
    return [level for level, _, size in pools for _ in range(size)]


def _buckets(pairs: Sequence[tuple[float, bool]]) -> tuple[Bucket, ...]:
    by_low: dict[int, list[tuple[float, bool]]] = {}
    for pair in pairs:
        low = min(int(pair[0]) // BUCKET_POINTS * BUCKET_POINTS, 100 - BUCKET_POINTS)
        by_low.setdefault(low, []).append(pair)
    hits = [sum(hit for _, hit in inside) for inside in by_low.values()]
    counts = [len(inside) for inside in by_low.values()]
    levels = rising([h / n for h, n in zip(hits, counts, strict=True)], counts)
    known = len(pairs) >= LEAST_TRADES
    return tuple(
        Bucket(
            low=low,
            high=low + BUCKET_POINTS,
            count=count,
            mean_confidence=fmean(confidence for confidence, _ in by_low[low]),
            hit_rate=hit / count,
            bounds=wilson(hit, count),
            probability=level if known else None,
        )
        for low, count, hit, level in zip(by_low, counts, hits, levels, strict=True)
    )

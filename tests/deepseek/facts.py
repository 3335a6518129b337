"""Facts of one imaginary candle."""

from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import Direction, RuleVerdict, Strength, Vote
from core.model.verdict import Facts


def facts(features=None, *, symbol="BTCUSDT", close=100.0, position=None, votes=None, **more):
    """A candle at 100 that the rules would buy."""
    votes = votes or (
        Vote("trend", 0.8, 0.6, "price above its average"),
        Vote("momentum", 0.5, 0.4, "rsi 61"),
    )
    rules = RuleVerdict(
        Direction.LONG,
        Strength.BUY,
        sum(vote.contribution for vote in votes),
        68.0,
        tuple(votes),
        97.0,
        107.5,
    )
    features = {"rsi_14": 61.2, "adx_14": 27.4} if features is None else features
    return Facts(symbol, Interval.M15, close, FeatureSet.of(features), rules, position, **more)

"""The vote of the other timeframes."""

from core.model.intervals import Interval
from core.model.signal import Layer
from core.signals.votes.opinion import Opinion, Values, VoteRule, within

# Nineteen of twenty recorded 15m candles have less: all six timeframes hardly ever agree.
_FULL_ALIGNMENT = 0.6
_NAMES = tuple(f"alignment_{interval.value}" for interval in Interval)


def _timeframes(values: Values) -> Opinion | None:
    """Where some are not known, they count as if they took no side."""
    heard = [values[name] for name in _NAMES if name in values]
    if "alignment_score" in values:
        score = values["alignment_score"]
    elif heard:
        score = sum(within(side) for side in heard) / len(_NAMES)
    else:
        return None
    reason = f"alignment {score:+.2f}: {sum(s > 0.0 for s in heard)} up, "
    reason += f"{sum(s < 0.0 for s in heard)} down of {len(heard)} known timeframes"
    return Opinion(within(score, _FULL_ALIGNMENT), reason)


ALIGNMENT = (VoteRule(Layer.ALIGNMENT, "timeframes", "other timeframes", _timeframes),)

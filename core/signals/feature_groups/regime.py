"""Which kind of market it is, and for how long."""

import math
from functools import partial

import numpy as np

from core.indicators.regime import REGIMES
from core.model.features import FeatureGroup, FeatureSpec
from core.model.regime import Regime
from core.model.shapes import Ribbon
from core.signals.feature_input import FeatureFamily, FeatureInput

_OF = "market_regime"
_LONGEST_AGE_CANDLES = 240
_FLAGS = {regime: f"regime_{regime}" for regime in REGIMES}
_AGE = "regime_age_candles"


def _regime(seen: FeatureInput) -> dict[str, float]:
    ribbon = seen.shape(_OF, Ribbon, "Regime")
    if ribbon is None or ribbon.code[-1] < 0:
        return dict.fromkeys((*_FLAGS.values(), _AGE), math.nan)
    now = Regime(ribbon.states[int(ribbon.code[-1])].key)
    flags = {name: float(regime is now) for regime, name in _FLAGS.items()}
    return flags | {_AGE: _age(ribbon)}


def _age(ribbon: Ribbon) -> float:
    recent = ribbon.code[-1 - _LONGEST_AGE_CANDLES :]
    others = np.flatnonzero(recent != recent[-1])
    if others.size:
        return float(recent.size - 2 - int(others[-1]))
    return float(_LONGEST_AGE_CANDLES) if recent.size > _LONGEST_AGE_CANDLES else math.nan


_spec = partial(FeatureSpec, FeatureGroup.REGIME)

REGIME = FeatureFamily(
    FeatureGroup.REGIME,
    (
        *(
            _spec(name, "flag", 0, 1, _OF, f"1 where the regime is {regime.value}")
            for regime, name in _FLAGS.items()
        ),
        _spec(
            _AGE,
            "candles",
            0,
            _LONGEST_AGE_CANDLES,
            _OF,
            "since the regime began, 0 for just now; 240 where that is longer ago",
        ),
    ),
    _regime,
)

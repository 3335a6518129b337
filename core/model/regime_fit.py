"""Which overlays serve in which kind of market; a judgement, in one table."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from core.model.regime import Regime


class Fit(Enum):
    """What an overlay is worth in a regime."""

    SERVES = "serves"
    MARGINAL = "marginal"
    MISLEADS = "misleads"


_S, _M, _X = Fit.SERVES, Fit.MARGINAL, Fit.MISLEADS

# Columns: trend (either way), range, volatile, quiet. Followers of trends turn too often where
# there is none; oscillators call a trend overdone all the way; levels and volume at price hold
# where price comes back to them.
_FITS: Mapping[str, tuple[Fit, Fit, Fit, Fit]] = {
    "market_regime": (_S, _S, _S, _S),
    "supertrend": (_S, _X, _M, _X),
    "chandelier_exit": (_S, _X, _S, _M),
    "timeframe_alignment": (_S, _M, _S, _M),
    "ema": (_S, _X, _M, _M),
    "macd": (_S, _X, _X, _X),
    "donchian": (_S, _M, _M, _S),
    "smart_money": (_S, _M, _M, _M),
    "liquidity_zones": (_M, _S, _S, _S),
    "order_flow": (_M, _S, _S, _M),
    "vwap": (_M, _S, _M, _S),
    "volume_profile": (_M, _S, _M, _S),
    "bollinger": (_M, _S, _M, _S),
    "rsi": (_X, _S, _X, _M),
    "atr": (_M, _M, _S, _S),
}
_COLUMNS = (Regime.TREND_UP, Regime.TREND_DOWN, Regime.RANGE, Regime.VOLATILE, Regime.QUIET)

FITS: Mapping[Regime, Mapping[str, Fit]] = MappingProxyType(
    {
        regime: MappingProxyType({key: row[max(i - 1, 0)] for key, row in _FITS.items()})
        for i, regime in enumerate(_COLUMNS)
    }
)
"""By regime and overlay key; nothing for UNKNOWN."""

REGIME_LABELS: Mapping[Regime, str] = MappingProxyType(
    {
        Regime.TREND_UP: "Trend up",
        Regime.TREND_DOWN: "Trend down",
        Regime.RANGE: "Range",
        Regime.VOLATILE: "Volatile",
        Regime.QUIET: "Quiet",
        Regime.UNKNOWN: "Not known yet",
    }
)
"""For people."""

_LONGEST_INITIALS = 4


def spoken(key: str) -> str:
    """Say an overlay's key where its title is not at hand: ``liquidity zones``, ``RSI``."""
    return key.upper() if len(key) <= _LONGEST_INITIALS else key.replace("_", " ")


def fitting(regime: Regime, fit: Fit) -> tuple[str, ...]:
    """Return the keys of the overlays that are of this worth in ``regime``, in table order."""
    return tuple(key for key, worth in FITS.get(regime, {}).items() if worth is fit)

"""Where structure stands: the last break, the last swings, gaps and order blocks around price."""

import math
from functools import partial

from core.indicators.structure_state import LastBreak, structure_state
from core.model.features import FeatureGroup, FeatureSpec
from core.overlays.smart_money import SmartMoneyParams
from core.signals.feature_input import FeatureFamily, FeatureInput

# As long as the overlay itself remembers a break: it is settled for so long.
_BREAK_MEMORY_CANDLES = SmartMoneyParams().memory_candles
# A swing further back is no longer the one that traders look at.
_SWING_MEMORY_CANDLES = 120


def _structure(seen: FeatureInput) -> dict[str, float]:
    state = structure_state(seen.drawn("smart_money"), seen.candles, _BREAK_MEMORY_CANDLES)
    return {
        **_last_break(state.last_break),
        **_swing(seen, "high"),
        **_swing(seen, "low"),
        "fvg_above_atr": _distance(seen, state.gap_above),
        "fvg_below_atr": _distance(seen, state.gap_below),
        "order_block_above_atr": _distance(seen, state.block_above),
        "order_block_below_atr": _distance(seen, state.block_below),
    }


def _last_break(last: LastBreak | None) -> dict[str, float]:
    return {
        "structure_direction": math.nan if last is None else float(last.side),
        "structure_turned": math.nan if last is None else float(last.turned),
        "structure_age_candles": math.nan if last is None else float(last.candles_ago),
    }


def _swing(seen: FeatureInput, side: str) -> dict[str, float]:
    mark = seen.last_mark("smart_money", (f"Swing {side}",), _SWING_MEMORY_CANDLES)
    return {
        f"swing_{side}_distance_atr": _distance(
            seen, None if mark is None else seen.close - mark.price
        ),
        f"swing_{side}_age_candles": math.nan if mark is None else float(mark.age_candles),
    }


def _distance(seen: FeatureInput, price: float | None) -> float:
    return math.nan if price is None else seen.in_atr(price)


_spec = partial(FeatureSpec, FeatureGroup.STRUCTURE)
_OF = "smart_money"

STRUCTURE = FeatureFamily(
    FeatureGroup.STRUCTURE,
    (
        _spec(
            "structure_direction", "direction", -1, 1, _OF, "side of the last break of structure"
        ),
        _spec(
            "structure_turned",
            "flag",
            0,
            1,
            _OF,
            "1 where the last break was a change of character",
        ),
        _spec(
            "structure_age_candles",
            "candles",
            0,
            _BREAK_MEMORY_CANDLES,
            _OF,
            "since the last break, 0 for just now",
        ),
        *(
            spec
            for side in ("high", "low")
            for spec in (
                _spec(
                    f"swing_{side}_distance_atr",
                    "ATR",
                    None,
                    None,
                    _OF,
                    f"close less the newest confirmed swing {side}",
                ),
                _spec(
                    f"swing_{side}_age_candles",
                    "candles",
                    1,
                    _SWING_MEMORY_CANDLES,
                    _OF,
                    f"since the candle of that swing {side}",
                ),
            )
        ),
        *(
            _spec(f"{name}_{side}_atr", "ATR", 0, None, _OF, f"way to the nearest {what} {side}")
            for name, what in (
                ("fvg", "open fair value gap"),
                ("order_block", "unbroken order block"),
            )
            for side in ("above", "below")
        ),
    ),
    _structure,
)

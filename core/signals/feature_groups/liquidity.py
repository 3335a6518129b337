"""Where orders are likely to rest around price, and whether some have just been taken."""

import math
from functools import partial

from core.indicators.liquidity import SWEEP_MEMORY_CANDLES, candles_since_sweep, nearest_zone
from core.model.events import Zones
from core.model.features import FeatureGroup, FeatureSpec
from core.model.shapes import Profile
from core.signals.feature_input import FeatureFamily, FeatureInput, ratio

_SIDES = (("above", "Buy-side liquidity"), ("below", "Sell-side liquidity"))


def _liquidity(seen: FeatureInput) -> dict[str, float]:
    found: dict[str, float] = {}
    for side, name in _SIDES:
        found |= _zones(seen, side, seen.shape("liquidity_zones", Zones, name))
    return found | _profile(seen)


def _zones(seen: FeatureInput, side: str, zones: Zones | None) -> dict[str, float]:
    nearest = swept = None
    if zones is not None:
        known_ms = seen.view.known_ms
        nearest = nearest_zone(zones, seen.close, known_ms)
        swept = candles_since_sweep(zones, known_ms, seen.candles.interval)
    return {
        f"liquidity_{side}_atr": math.nan if nearest is None else seen.in_atr(nearest.distance),
        f"liquidity_{side}_strength": math.nan if nearest is None else nearest.strength,
        f"sweep_{side}_age_candles": math.nan if swept is None else float(swept),
    }


def _profile(seen: FeatureInput) -> dict[str, float]:
    profile = seen.shape("volume_profile", Profile, "Volume profile")
    # What somebody looks at on the page must not change a feature.
    if profile is None or seen.view.shown_ms is not None:
        middle = low = high = math.nan
    else:
        middle, low, high = profile.point_of_control, profile.value_low, profile.value_high
    return {
        "point_of_control_distance_atr": seen.in_atr(seen.close - middle),
        "value_area_position": ratio(seen.close - low, high - low),
    }


_spec = partial(FeatureSpec, FeatureGroup.LIQUIDITY)

LIQUIDITY = FeatureFamily(
    FeatureGroup.LIQUIDITY,
    (
        *(
            spec
            for side, _ in _SIDES
            for spec in (
                _spec(
                    f"liquidity_{side}_atr",
                    "ATR",
                    0,
                    None,
                    "liquidity_zones",
                    f"way to the nearest live zone {side}",
                ),
                _spec(
                    f"liquidity_{side}_strength",
                    "share",
                    0,
                    1,
                    "liquidity_zones",
                    f"strength of the nearest live zone {side}",
                ),
                _spec(
                    f"sweep_{side}_age_candles",
                    "candles",
                    0,
                    SWEEP_MEMORY_CANDLES,
                    "liquidity_zones",
                    f"since a zone {side} was swept, 0 for just now",
                ),
            )
        ),
        _spec(
            "point_of_control_distance_atr",
            "ATR",
            None,
            None,
            "volume_profile",
            "close less the price of most volume in 300 candles",
        ),
        _spec(
            "value_area_position",
            "share",
            None,
            None,
            "volume_profile",
            "place of the close in the value area of 300 candles, 1 at its top",
        ),
    ),
    _liquidity,
)

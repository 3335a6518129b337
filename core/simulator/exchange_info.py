"""The body of ``/fapi/v1/exchangeInfo``: the key set of the exchange (PROTOCOLS B)."""

from collections.abc import Callable, Iterable

from core.simulator.listed import Terms
from core.simulator.listings import Listing, decimal_text
from core.simulator.weight import WEIGHT_PER_MINUTE

_NEVER_MS = 4_133_404_800_000  # delivery date the exchange writes for perpetuals
_LARGEST_ORDERS = 2_000  # ordinary minutes of volume in one order, roughly


def exchange_info(
    listings: Iterable[Listing],
    label: str,
    now_ms: int,
    terms: Callable[[str], Terms] = lambda _: Terms(),
) -> dict[str, object]:
    """
    Return rate limits and the rules of every symbol.

    Args:
        listings: What is traded.
        label: How people must be told that this is no real market; key ``simulator``.
        now_ms: Market time.
        terms: As what a symbol is listed.
    """
    symbols = [_symbol(listing, terms(listing.symbol)) for listing in listings]
    assets = sorted({str(s[key]) for s in symbols for key in ("baseAsset", "marginAsset")})
    return {
        "timezone": "UTC",
        "serverTime": now_ms,
        "futuresType": "U_MARGINED",
        "rateLimits": [
            _rate_limit("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_PER_MINUTE),
            _rate_limit("ORDERS", "MINUTE", 1, 1_200),
            _rate_limit("ORDERS", "SECOND", 10, 300),
        ],
        "exchangeFilters": [],
        "assets": [
            {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"}
            for asset in assets
        ],
        "symbols": symbols,
        "simulator": label,
    }


def _rate_limit(kind: str, interval: str, number: int, limit: int) -> dict[str, object]:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }


def _symbol(listing: Listing, terms: Terms) -> dict[str, object]:
    return {
        "symbol": listing.symbol,
        "pair": listing.symbol,
        "contractType": terms.contract_type,
        "deliveryDate": _NEVER_MS,
        "onboardDate": terms.onboard_ms,
        "status": terms.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": listing.base_asset,
        "quoteAsset": listing.quote_asset,
        "marginAsset": listing.quote_asset,
        "pricePrecision": listing.price_decimals,
        "quantityPrecision": listing.quantity_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN" if terms.contract_type == "PERPETUAL" else "EQUITY",
        "underlyingSubType": [] if terms.contract_type == "PERPETUAL" else ["TradFi"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(listing),
        "orderTypes": [
            "LIMIT",
            "MARKET",
            "STOP",
            "STOP_MARKET",
            "TAKE_PROFIT",
            "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY"],
    }


def _filters(listing: Listing) -> list[dict[str, object]]:
    tick = listing.price_text(listing.tick_units)
    step = decimal_text(1, listing.quantity_decimals)
    most = str(max(1, round(_LARGEST_ORDERS * listing.minute_notional / listing.typical_price)))
    lot = {"minQty": step, "maxQty": most, "stepSize": step}
    highest = listing.price_text(round(listing.typical_price * 50 * 10**listing.price_decimals))
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": highest, "tickSize": tick},
        {"filterType": "LOT_SIZE", **lot},
        {"filterType": "MARKET_LOT_SIZE", **lot},
        {"filterType": "MAX_NUM_ORDERS", "limit": 200},
        {"filterType": "MIN_NOTIONAL", "notional": str(listing.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.0500",
            "multiplierDown": "0.9500",
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]

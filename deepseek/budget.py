"""What an answer costs. Pure: the caller says when the question was asked."""

from dataclasses import dataclass

from core.config import PriceTable

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
# 1970-01-01 was a Thursday; weeks are counted from Monday.
_WEEKDAY_OF_EPOCH = 3
_SATURDAY = 5
# Hours of the day in UTC, Monday to Friday. Source: the provider's pricing page (PROTOCOLS E1).
_PEAK_HOURS = ((1, 4), (6, 10))


@dataclass(frozen=True, slots=True)
class Usage:
    """
    Tokens as the provider counted them.

    Attributes:
        prompt_tokens: All tokens of the question, cached or not.
        cache_hit_tokens: Those of them that were billed as cached.
        completion_tokens: Tokens of the answer, reasoning included.
    """

    prompt_tokens: int = 0
    cache_hit_tokens: int = 0
    completion_tokens: int = 0

    def __post_init__(self) -> None:
        if self.completion_tokens < 0 or not 0 <= self.cache_hit_tokens <= self.prompt_tokens:
            raise ValueError(f"impossible token counts: {self}")

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.cache_hit_tokens + other.cache_hit_tokens,
            self.completion_tokens + other.completion_tokens,
        )


def is_peak(at_ms: int) -> bool:
    """
    Whether the provider's peak price holds at this UTC epoch time.

    Chinese public holidays are billed off-peak and are not known here, so on
    such a day the cost is stated too high, never too low.
    """
    weekday = (at_ms // _DAY_MS + _WEEKDAY_OF_EPOCH) % 7
    hour = at_ms % _DAY_MS // _HOUR_MS
    return weekday < _SATURDAY and any(start <= hour < end for start, end in _PEAK_HOURS)


def cost_usd(usage: Usage, prices: PriceTable, *, asked_ms: int) -> float:
    """Return the price of one call that was asked at ``asked_ms`` (UTC epoch)."""
    off_peak = (
        usage.cache_hit_tokens * prices.input_cache_hit
        + (usage.prompt_tokens - usage.cache_hit_tokens) * prices.input_cache_miss
        + usage.completion_tokens * prices.output
    ) / 1e6
    return off_peak * prices.peak_factor if is_peak(asked_ms) else off_peak

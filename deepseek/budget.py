"""What an answer costs. Pure: the caller says when the question was asked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.config import DeepSeekSettings, PriceTable

_HOUR_MS = 3_600_000
DAY_MS = 24 * _HOUR_MS
# 1970-01-01 was a Thursday; weeks are counted from Monday.
_WEEKDAY_OF_EPOCH = 3
_SATURDAY = 5
# The provider counts 0.3 tokens for a letter and a whole one for a number or a symbol
# (api-docs.deepseek.com, Token & Token Usage). Half a token for each byte is more than prose takes
# and about what a document full of short numbers takes.
_TOKENS_PER_BYTE: Final = 0.5
COST_ESTIMATED: Final = ", cost estimated"
"""Ends the verdict of a call whose tokens are `most_usage` because nobody told them."""


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


def most_usage(question: str, max_tokens: int) -> Usage:
    """
    Return what a call is booked with whose tokens nobody told: rather too many than too few.

    Args:
        question: As it was sent.
        max_tokens: Of the answer, reasoning included; it is taken to have used them all.
    """
    return Usage(math.ceil(len(question.encode()) * _TOKENS_PER_BYTE), 0, max_tokens)


def is_peak(at_ms: int, peak_hours_utc: Sequence[tuple[int, int]]) -> bool:
    """
    Whether the provider's peak price holds at this UTC epoch time.

    Chinese public holidays are billed off-peak and are not known here, so on
    such a day the cost is stated too high, never too low.

    ``peak_hours_utc`` are pairs of hours from Monday to Friday; the second of a pair
    is no longer peak.
    """
    weekday = (at_ms // DAY_MS + _WEEKDAY_OF_EPOCH) % 7
    hour = at_ms % DAY_MS // _HOUR_MS
    return weekday < _SATURDAY and any(start <= hour < end for start, end in peak_hours_utc)


def prices_of(answered: str, asked: str, table: Mapping[str, PriceTable]) -> PriceTable:
    """
    Return the prices of the model that answered, else of the one that was asked.

    A table that knows neither gives its dearest prices: a cost may be stated
    too high, never too low.
    """
    known = table.get(answered) or table.get(asked)
    if known is not None:
        return known
    return PriceTable(
        input_cache_hit=max(prices.input_cache_hit for prices in table.values()),
        input_cache_miss=max(prices.input_cache_miss for prices in table.values()),
        output=max(prices.output for prices in table.values()),
    )


def cost_usd(usage: Usage, answered: str, settings: DeepSeekSettings, *, asked_ms: int) -> float:
    """
    Return the price of one call that was asked at ``asked_ms`` (UTC epoch).

    ``answered`` is the model as the answer names it; empty when it does not.
    """
    prices = prices_of(answered, settings.model, settings.usd_per_million)
    off_peak = (
        usage.cache_hit_tokens * prices.input_cache_hit
        + (usage.prompt_tokens - usage.cache_hit_tokens) * prices.input_cache_miss
        + usage.completion_tokens * prices.output
    ) / 1e6
    return off_peak * (settings.peak_factor if is_peak(asked_ms, settings.peak_hours_utc) else 1.0)

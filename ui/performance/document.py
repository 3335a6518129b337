"""All that the page and the tabs draw, for one question, account and theme."""

from core.model.source import SOURCE_WORDS, Source
from ui.look import Theme
from ui.performance.breakdowns import by_day, by_multiple, by_reason, by_symbol
from ui.performance.calibration_figure import calibration_figure
from ui.performance.desk import Judged
from ui.performance.equity_figure import equity_figure
from ui.performance.telling import (
    Told,
    added_told,
    calibration_told,
    metrics_told,
    shares_told,
    window_words,
)
from ui.performance.trade_figures import days_figure, multiples_figure
from ui.theme import palette_of

_NOTHING = "No closed trades yet."
_NO_CURVE = "No point of equity yet: the engine records one with each minute it trades."
_OF_ONE_SYMBOL = "Equity is of the whole account: choose all symbols to see it."
_NO_CONFIDENCE = "Entries by chance or by hand carry no confidence."


def document(judged: Judged, source: Source, theme: Theme, buckets: int) -> Told:
    """
    Return texts, numbers and figures.

    Args:
        judged: What came of the accounts.
        source: Whose trades are broken down.
        theme: Of the figures.
        buckets: About as many as the equity plot has pixels.
    """
    palette = palette_of(theme)
    trades = judged.trades.get(source, ())
    classes, days = by_multiple(trades), by_day(trades)
    calibration = judged.report.accounts[source].calibration
    is_confident = source not in {Source.RANDOM, Source.HAND}
    buckets_told = calibration.buckets if is_confident else ()
    return {
        "begun": judged.is_begun,
        "window": window_words(judged.report),
        "symbols": list(judged.symbols),
        "account": {"key": source.value, "words": SOURCE_WORDS[source]},
        "metrics": metrics_told(judged.report),
        "added": added_told(judged),
        "by_symbol": shares_told(by_symbol(trades)),
        "by_reason": shares_told(by_reason(trades)),
        "calibration": calibration_told(calibration) if is_confident else {},
        "figures": {
            "equity": equity_figure(judged.curves, palette, buckets) if judged.curves else None,
            "calibration": calibration_figure(buckets_told, palette) if buckets_told else None,
            "multiples": multiples_figure(classes, palette) if classes else None,
            "days": days_figure(days, palette) if days else None,
        },
        "empty": {
            "equity": _OF_ONE_SYMBOL if judged.report.symbol else _NO_CURVE,
            "calibration": _NOTHING if is_confident else _NO_CONFIDENCE,
            "trades": _NOTHING,
        },
    }

"""The accounts side by side, in the words and numbers a browser shows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from core.model.source import SOURCE_WORDS, Source
from core.signals.metrics import Bounds
from core.signals.metrics.bootstrap import LEAST_RESAMPLED
from core.signals.metrics.calibration import LEAST_TRADES, Calibration
from ops.success_report import AccountReport, SuccessReport, told_accounts
from ui.figures.numbers import MINUS, UNKNOWN, number
from ui.performance.added_value import AddedValue, added_value
from ui.performance.breakdowns import Share
from ui.performance.desk import Judged
from ui.performance.metric_rows import (
    GAIN,
    METRICS,
    MULTIPLE,
    SHARE,
    Metric,
    Style,
)

Told: TypeAlias = dict[str, Any]
_BY_PAIRS = (
    (Source.POLICY, Source.RULES, "What the model added",
     "as traded, less what the rules alone would have brought"),
    (Source.POLICY, Source.RANDOM, "What deciding added", "as traded, less random entries"),
    (Source.RULES, Source.RANDOM, "What the rules added", "rules alone, less random entries"),
)  # fmt: skip


def window_words(report: SuccessReport) -> str:
    """Return which time is judged."""
    window = report.window
    if not window.end_ms:
        return "Nothing was recorded yet."
    # The end is exclusive: the newest instant lies just before it.
    end = _moment(window.end_ms - 1)
    since = f"{_moment(window.start_ms)} to {end}" if window.start_ms else f"until {end}"
    bars = number(report.evaluations, 0)
    words = f"{since} UTC of feed time · {bars} closed bars judged"
    return f"{report.symbol}, {words}" if report.symbol else words[:1].upper() + words[1:]


def metrics_told(report: SuccessReport) -> Told:
    """Return a row for each figure, a cell for each account worth telling of."""
    sources = told_accounts(report)
    accounts = [report.accounts[source] for source in sources]
    notes = dict.fromkeys(account.equity_note for account in accounts if account.equity_note)
    return {
        "accounts": [{"key": source.value, "words": SOURCE_WORDS[source]} for source in sources],
        "rows": [
            {
                "key": metric.key,
                "label": metric.label,
                "formula": metric.formula,
                "cells": [cell(metric, account) for account in accounts],
            }
            for metric in METRICS
        ],
        "notes": [note[:1].upper() + note[1:] + "." for note in notes],
    }


def cell(metric: Metric, account: AccountReport) -> Told:
    """
    Return one figure; a dash with the reason where it rests on too little to be of use.

    A figure that has an interval is only told from as many values on as the interval needs.
    """
    value, bounds = metric.value(account), metric.bounds(account)
    if value is None or metric.few(account):
        return {"text": UNKNOWN, "reason": metric.reason(account)}
    told: Told = {"text": metric.style.text(value), "interval": metric.style.interval(bounds)}
    if metric.style.signed:
        told["tone"] = _tone(told["text"])
    if metric.key == "drawdown_days" and account.metrics.drawdown_recovered is not None:
        recovered = account.metrics.drawdown_recovered
        told["interval"] = "recovered" if recovered else "not recovered"
    return told


def added_told(judged: Judged) -> list[Told]:
    """Return what the model added to the rules, and both to chance."""
    rows = []
    for source, other, label, words in _BY_PAIRS:
        mine, theirs = judged.trades.get(source, ()), judged.trades.get(other, ())
        added = added_value(mine, theirs, judged.interval)
        row: Told = {"label": label, "words": words, "entries": number(added.entries, 0)}
        row |= {"usd": _added(added, added.usd, added.usd_bounds, GAIN)}
        row |= {"r": _added(added, added.r, added.r_bounds, MULTIPLE)}
        if source is Source.POLICY:
            llm_usd = judged.report.accounts[source].metrics.llm_usd
            row["net"] = _added(added, added.usd - llm_usd, None, GAIN)
        rows.append(row)
    return rows


def _added(added: AddedValue, value: float | None, bounds: Bounds | None, style: Style) -> Told:
    if added.entries < LEAST_RESAMPLED or value is None:
        return {"text": UNKNOWN, "reason": f"{added.entries} of {LEAST_RESAMPLED} entries"}
    return {
        "text": style.text(value),
        "interval": style.interval(bounds),
        "tone": _tone(style.text(value)),
    }


def shares_told(shares: Sequence[Share]) -> list[Told]:
    """Return groups of trades as rows of a table; ``size`` is for a bar, from -1 to 1."""
    full = max((abs(share.usd) for share in shares), default=0.0) or 1.0
    return [
        {
            "name": share.name,
            "count": number(share.count, 0),
            "won": f"{number(share.won, 0)} of {number(share.count, 0)}",
            "r": UNKNOWN if share.r is None else MULTIPLE.text(share.r),
            "usd": GAIN.text(share.usd),
            "tone": _tone(GAIN.text(share.usd)),
            "size": share.usd / full,
        }
        for share in shares
    ]


def calibration_told(found: Calibration) -> Told:
    """Return buckets of confidence as rows, and what is missing until probabilities are told."""
    missing = LEAST_TRADES - found.count
    note = ""
    if missing > 0:
        note = (
            f"{number(found.count, 0)} of {LEAST_TRADES} closed trades: no probability is told "
            f"before {number(missing, 0)} more are closed."
        )
    rows = [
        {
            "confidence": f"{bucket.low} to {bucket.high}",
            "count": number(bucket.count, 0),
            "mean": number(bucket.mean_confidence, 1),
            "rate": SHARE.text(bucket.hit_rate),
            "interval": SHARE.interval(bucket.bounds),
            "probability": (
                UNKNOWN if bucket.probability is None else SHARE.text(bucket.probability)
            ),
        }
        for bucket in found.buckets
    ]
    return {"note": note, "brier": _brier(found), "rows": rows}


def _brier(found: Calibration) -> str:
    if found.brier is None or found.brier_of_base_rate is None:
        return ""
    base, brier = found.brier_of_base_rate, found.brier
    told = f"Brier score {number(brier, 3)}; always saying the overall hit rate: {number(base, 3)}."
    if found.count < LEAST_TRADES:
        return told
    worth = "is worth something" if brier < base else "is worth no more than the overall hit rate"
    return f"{told} Confidence {worth}."


def _tone(text: str) -> str:
    """Return the tone of a number as it is written: what is written as zero has none."""
    return {"+": "up", MINUS: "down"}.get(text[:1], "")


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")

"""What REST and handshakes say when they refuse, and bodies nobody should believe. Pure."""

import json
from dataclasses import dataclass, field

from core.simulator.faults.garbage import HTML

BAN_S = 120
_KLINE_COLUMNS = 12
_VARIANTS_503 = (
    "Unknown error, please check your request or try again later.",
    "Service Unavailable.",
)
_OVERLOADED = (-1008, "Server is currently overloaded with other requests. Please try again later.")
_CODES = {
    400: (-1100, "Illegal characters found in a parameter."),
    408: (-1007, "Timeout waiting for response from backend server. Send status unknown."),
    429: (-1003, "Too many requests; current limit is 2400 request weight per minute."),
    500: (-1000, "An unknown error occurred while processing the request."),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer before it is one."""

    status: int
    text: str
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, retry_after_s: int | None, now_ms: int, which: int = 0) -> Reply:
    """
    Return what the exchange says with a status.

    Args:
        status: Of HTTP.
        retry_after_s: For the header, and how long a ban lasts; None leaves the header out.
        now_ms: The time a ban counts from.
        which: Chooses among the forms of 503.
    """
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    if status == 403:  # noqa: PLR2004 - HTTP
        return Reply(status, HTML, "text/html", headers)
    if status == 451:  # noqa: PLR2004 - HTTP
        text = "Service unavailable from a restricted location according to the terms."
        return Reply(status, _error(0, text), headers=headers)
    if status == 418:  # noqa: PLR2004 - HTTP
        until_ms = now_ms + 1_000 * (BAN_S if retry_after_s is None else retry_after_s)
        text = f"Way too many requests; IP(127.0.0.1) banned until {until_ms}."
        return Reply(status, _error(-1003, text), headers=headers)
    if status == 503:  # noqa: PLR2004 - HTTP
        forms = (*_VARIANTS_503, _error(*_OVERLOADED))
        text = forms[which % len(forms)]
        kind = "text/plain" if text in _VARIANTS_503 else "application/json"
        return Reply(status, text, kind, headers)
    code, text = _CODES.get(status, (-5000, "Not found."))
    return Reply(status, _error(code, text), headers=headers)


def nonsense(body: object, which: int) -> Reply:
    """Return a successful answer that is broken; ``which`` chooses how."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    rows = body if isinstance(body, list) and body else None
    forms = [Reply(200, HTML, "text/html"), Reply(200, text[: len(text) * 2 // 3]), Reply(200, "")]
    if rows and isinstance(rows[-1], list) and len(rows[-1]) == _KLINE_COLUMNS:
        forms += [Reply(200, json.dumps(bad, allow_nan=True)) for bad in _bad_rows(rows)]
    return forms[which % len(forms)]


def _bad_rows(rows: list[list[object]]) -> list[list[list[object]]]:
    good, last = rows[:-1], rows[-1]
    low = float(str(last[3]))
    return [
        [*good, last[:5]],
        [*good, [*last[:4], "NaN", *last[5:]]],
        [*good, [*last[:4], float("nan"), *last[5:]]],
        [*good, [*last[:2], f"{low / 2:.8f}", *last[3:]]],
        [*good, [*last[:4], f"-{last[4]}", *last[5:]]],
        [*good, [last[0], {}, *last[2:]]],
    ]


def _error(code: int, text: str) -> str:
    return json.dumps({"code": code, "msg": text}, separators=(",", ":"))

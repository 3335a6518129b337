"""Makes text safe to share: by the values of secrets, and by names that belong to some."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from ops.logs.redaction import HIDDEN, hiding

_OF_KEYS: Final = ("api", "secret", "private", "access", "auth", "session")
_NAME: Final = (
    rf"(?:(?:{'|'.join(_OF_KEYS)})[_-]?key|passw(?:or)?d(?:_hash)?|passphrase"
    r"|secret|token|credentials?|authorization|cookie|heartbeat_?url)"
)
_NAMED: Final = re.compile(
    rf"""(?i)({_NAME}["']?\s*[:=]\s*(?:bearer\s+|basic\s+)?)"""
    # What says only that there is none stays.
    r"""(?!(?:null|none|true|false|""|'')(?![^\s,}\]]))("[^"\n]*"|'[^'\n]*'|[^\s,;&}"']+)"""
)
_URLS: Final = re.compile(r"""(?i)((?:\balarm_?|\b)urls["']?\s*[:=]\s*["']?)[^"'\n]+""")
_QUOTED_OR_NOT: Final = re.compile(r"""^(["']?).*?(["']?)$""", re.DOTALL)
_ADDRESS: Final = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)")
_KEY: Final = re.compile(r"\bsk-[A-Za-z0-9_-]{8,}|(?i:\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}")

_TRACES: Final = (
    *(f"{of}{by}key" for of in _OF_KEYS for by in ("", "_", "-")),
    "passw", "passphrase", "secret", "token", "credential", "authorization", "cookie", "heartbeat",
)  # fmt: skip
"""One of them is in every line, in small letters, in which there is such a name."""


def cleaning(secrets: Sequence[str]) -> Callable[[str], str]:
    """Return what hides secrets, what stands under their names, and what looks like a key."""
    hide = hiding(secrets)

    def clean(text: str) -> str:
        # Line by line, few of which can hold one: logs are megabytes.
        return "".join(map(_cleaned, hide(text).splitlines(keepends=True)))

    return clean


def _cleaned(line: str) -> str:
    """Return one line; patterns that cannot match are not tried, as they take ten times longer."""
    lower = line.lower()
    if "urls" in lower:
        line = _URLS.sub(rf"\1{HIDDEN}", line)
    if any(trace in lower for trace in _TRACES):
        line = _NAMED.sub(_hidden, line)
    if "@" in lower:
        line = _ADDRESS.sub(rf"\1{HIDDEN}", line)
    return _KEY.sub(HIDDEN, line) if "sk-" in lower or "bearer" in lower else line


def _hidden(found: re.Match[str]) -> str:
    quotes = _QUOTED_OR_NOT.match(found[2])
    before, after = (quotes[1], quotes[2]) if quotes else ("", "")
    return f"{found[1]}{before}{HIDDEN}{after}"

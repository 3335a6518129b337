"""The page that asks for the password: plain HTML without a script, in the system's theme."""

import base64
import hashlib
from html import escape
from typing import Final
from urllib.parse import quote

LOGIN: Final = "/login"
TITLE: Final = "DeepSeek Trading Dashboard"
_STYLE = """
:root { color-scheme: dark light; --ground: #0d1117; --panel: #11161d; --line: #252d38;
  --text: #d8dee7; --muted: #8d98a7; --accent: #5aa2f7; --critical: #ff6b6b; }
@media (prefers-color-scheme: light) { :root { --ground: #eff2f6; --panel: #ffffff;
  --line: #d3dae3; --text: #1a222e; --muted: #566172; --accent: #1a62c7; --critical: #b5202b; } }
* { box-sizing: border-box; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; padding: 16px;
  background: var(--ground); color: var(--text);
  font: 13px/1.5 "Inter", "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
form { display: grid; gap: 12px; width: min(360px, 100%); padding: 24px; background: var(--panel);
  border: 1px solid var(--line); border-radius: 6px; }
h1 { margin: 0 0 4px; font-size: 15px; font-weight: 600; }
label { display: grid; gap: 4px; color: var(--muted); }
input { padding: 8px 10px; font: inherit; color: var(--text); background: var(--ground);
  border: 1px solid var(--muted); border-radius: 4px; }
button { padding: 8px 10px; font: inherit; font-weight: 600; color: var(--panel);
  background: var(--accent); border: 0; border-radius: 4px; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
p { margin: 0; color: var(--critical); }
"""
_STYLE_SUM = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_SUM}'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # With no-referrer browsers send `Origin: null` with a form, and we want to know it.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def login_page(target: str, fault: str = "") -> str:
    """
    Return the document.

    Args:
        target: Where it leads; see `local_target`.
        fault: What was wrong with the last attempt.
    """
    told = f'<p role="alert">{escape(fault)}</p>' if fault else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in: {TITLE}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<form method="post" action="{LOGIN}">
<h1>{TITLE}</h1>
<input type="hidden" name="next" value="{escape(target)}">
<label>Password
<input type="password" name="password" autocomplete="current-password" required autofocus></label>
{told}
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
"""


def login_address(target: str) -> str:
    """Return the address of the page that leads to ``target``."""
    return LOGIN if target == "/" else f"{LOGIN}?next={quote(target, safe='/')}"


def local_target(wanted: str) -> str:
    """Return a path of this server; ``/`` for what would lead elsewhere."""
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    is_local = plain and wanted.startswith("/") and not wanted.startswith("//")
    return wanted if is_local and not wanted.startswith(LOGIN) else "/"

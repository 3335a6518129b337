"""What of the page may be kept by a browser: only what is the same for everybody."""

_STATIC = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")


def is_static(path: str) -> bool:
    """Whether a path is a file of the program, not data."""
    return path.startswith(_STATIC)

"""Whose hands are on this machine."""

import getpass
import os


def this_account() -> str:
    """Return the name of the account this process runs as; its number where it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account that only a container knows
        return f"uid {os.getuid()}"

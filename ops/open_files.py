"""How many files and sockets a process may have open."""

import resource


def most_files() -> int | None:
    """Return how many files this process may have open; None where the system sets no limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft

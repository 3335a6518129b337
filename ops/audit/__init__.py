"""Who did what: a chain of entries that no restore shortens and no edit leaves whole."""

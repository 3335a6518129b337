"""What is written to ``logs/``: which file, in which form, for how long, and without secrets."""

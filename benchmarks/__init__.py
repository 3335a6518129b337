"""Figures of `make bench`: one module per group, each with ``measure() -> dict[str, float]``."""

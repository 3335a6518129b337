"""What happened, kept: decisions, signals, trades, equity, calls and telemetry in one database."""

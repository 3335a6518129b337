"""The care that a home gets each day, week and month: in the engine, or by cron."""

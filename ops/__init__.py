"""What keeps the product alive: processes, logs, checks."""

"""Alarms: who is told when something is bad, once, and when it is well again."""

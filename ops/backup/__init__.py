"""Backups: made while the engine writes, checked before they count, restored whole."""

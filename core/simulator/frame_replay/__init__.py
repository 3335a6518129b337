"""Plays recorded frames again: original bytes, original distances, REST from the recording."""

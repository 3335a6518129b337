"""The vocabulary: frozen values that validate themselves. No I/O, no clock."""

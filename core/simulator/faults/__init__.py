"""What can go wrong with an exchange, on demand: kinds of faults, who is struck, how to ask."""

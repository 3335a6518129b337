"""What can be wrong with a simulator's input."""


class SimulatorError(Exception):
    """The simulator cannot start or go on; the message names the file, port or option."""

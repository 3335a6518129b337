"""What can be wrong with a backup."""


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why in one line."""


class DamagedError(BackupError):
    """SQLite finds a database damaged, or no database at all."""

"""What can go wrong in the care of the journal's file."""

from core.journal.errors import JournalError


class DatabaseError(JournalError):
    """It cannot be done; the message says why in one line."""

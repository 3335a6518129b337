"""What can be wrong with the journal."""


class JournalError(Exception):
    """The journal cannot be read or written; the message says where and why."""


class MissingJournalError(JournalError):
    """There is no database where the journal should be: nothing has been recorded yet."""


class EmptyJournalError(JournalError):
    """The database exists but no table was ever made in it."""

"""What can be wrong with the audit trail."""


class AuditError(Exception):
    """The trail cannot be read or written; the message says where and why."""

"""The passphrase of backups that hold secrets."""

from core.config import Settings
from ops.backup.errors import BackupError


def passphrase_of(settings: Settings) -> str:
    """
    Return ``BACKUP_PASSPHRASE``.

    Raises:
        BackupError: If none is set; says how to.
    """
    given = settings.backup.passphrase
    if given is None:
        raise BackupError(
            "BACKUP_PASSPHRASE is not set: put one of at least 12 characters into .env or the "
            "environment, and keep it somewhere else too"
        )
    return given.get_secret_value()

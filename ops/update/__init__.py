"""After new code was checked out: backed up, migrated, checked, started; or taken back."""

"""Starting with the machine: units for systemd's user manager and for launchd."""

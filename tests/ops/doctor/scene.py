"""An installation to be looked over, and what lies in it."""

from core.config import Home
from ops.doctor.patient import Patient
from tests.builders import settings


def patient(tmp_path, **changes):
    """A home with everything in its place, and a valid configuration."""
    home = Home(tmp_path)
    home.create()
    values = {"home": home, "config": tmp_path / "config.yaml", "settings": settings()}
    return Patient(**values | changes)


def tree(path):
    """All there is below a folder: names, kinds, contents and times of change."""
    return {
        str(it.relative_to(path)): (
            it.lstat().st_mode,
            it.lstat().st_mtime_ns,
            it.read_bytes() if it.is_file() else b"",
        )
        for it in path.rglob("*")
    }

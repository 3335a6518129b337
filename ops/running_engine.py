"""Which engine a command means: the one of the home, or that of its demo."""

from core.config import Home
from ops.launch import demo_home
from ops.processes import Role, running


def home_of_engine(home: Home) -> Home | None:
    """Return the home whose engine runs; None when no engine does."""
    places = (home, demo_home(home))
    return next((place for place in places if running(place.run, Role.ENGINE)), None)

"""How the installation does: what is looked at, how it is judged, and who is told."""

"""Packs what somebody needs to understand an incident, without secrets."""

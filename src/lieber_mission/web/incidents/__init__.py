"""Incidents, with what they rest on."""

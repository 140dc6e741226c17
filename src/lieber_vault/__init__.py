"""Identities: own database, own keys, one door. Empty until officers' keys exist; nothing is sealed yet."""

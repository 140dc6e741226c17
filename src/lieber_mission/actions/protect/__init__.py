"""Deeds on those who must be protected, and the one door to the vault from the side of writing."""

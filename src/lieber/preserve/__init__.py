"""Digests, custody, timestamps and packages: what is kept of bytes, and how outsiders check it."""

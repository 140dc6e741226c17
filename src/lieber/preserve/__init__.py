"""Digests, custody, timestamps and packages: empty until evidence is taken in."""

"""Officers who code and an item with its text, for these tests."""

from coding_desk import item, officers

__all__ = ["item", "officers"]

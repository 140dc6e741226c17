"""Coding beside the item, second coders, and how far they agree."""

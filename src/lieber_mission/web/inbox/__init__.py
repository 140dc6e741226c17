"""The first page and what waits."""

"""Figures, tallies and charts."""

"""Public statements."""

"""Sources: who tells, and how far they can be relied on."""

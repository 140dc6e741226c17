"""Every deed: check, decide, write, commit to the log, in one transaction."""

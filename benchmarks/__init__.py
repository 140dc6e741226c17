"""Speed, shown by measurement: each figure is a ratio against a peer or a limit of the same run."""

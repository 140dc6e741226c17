"""Who may do what. `check_…` raises the sentence the officer reads, `may_…` answers yes or no."""

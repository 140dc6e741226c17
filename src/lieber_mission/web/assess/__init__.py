"""Assessment of incidents, and the way of findings past reviewers."""

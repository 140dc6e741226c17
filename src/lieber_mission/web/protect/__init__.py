"""Protected persons: interviews, consent, sealed texts."""

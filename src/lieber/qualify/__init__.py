"""Legal rules and their elements: empty until findings are qualified."""

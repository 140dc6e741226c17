"""The log: its head, its entries, their proofs."""

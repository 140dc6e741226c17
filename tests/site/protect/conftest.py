"""The circle of those who protect, for these tests."""

from vault_circle import circle, vault_folder

__all__ = ["circle", "vault_folder"]

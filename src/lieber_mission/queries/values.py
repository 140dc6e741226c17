"""How values of the register are written as text: instants and days as in the log."""

from ..models.register import instant_text, plain

__all__ = ["instant_text", "plain"]

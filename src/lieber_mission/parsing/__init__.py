"""Parsers of files that others made run in a process apart, with little memory and time and no network."""

from .process import Limited, Limits, Stopped
from .programs import NotInstalled

__all__ = ["Limited", "Limits", "NotInstalled", "Stopped"]

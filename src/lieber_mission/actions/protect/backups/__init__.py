"""Backups: one sealed file of register and vault at one moment, made while the site is in use; its way back.

`archive` is the form of the file, `snapshots` copies databases, `making` and `restoring` are the two deeds.
"""

from .making import Made, list_erasures, make_backup
from .restoring import Restored, restore

__all__ = ["Made", "Restored", "list_erasures", "make_backup", "restore"]

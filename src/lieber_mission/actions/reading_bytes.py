"""Open the bytes of an exhibit for an officer who may know of it."""

from __future__ import annotations

from typing import BinaryIO

from ..outside.storage import storage
from ..policies.permissions import Viewer
from ..policies.preserve import check_not_disposed, check_not_frozen
from ..queries.exhibits import ExhibitShown, disposed_items, exhibit, is_frozen
from ..queries.incidents import NotInRegister


def opened(thing: str, *, viewer: Viewer) -> tuple[ExhibitShown, BinaryIO]:
    """An exhibit and its bytes, open for reading.

    Raises NotAllowed, NotInRegister, or BadInput where its item is frozen.
    """
    shown = exhibit(thing, viewer=viewer)
    check_not_frozen(frozen=is_frozen(shown.item))
    check_not_disposed(disposed=bool(disposed_items([shown.item])))
    try:
        return shown, storage().stream(shown.root, shown.stored, shown.path)
    except FileNotFoundError:
        raise NotInRegister(
            f"The bytes of {shown.number} are not in the storage; ask for a round of fixity."
        ) from None

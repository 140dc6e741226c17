"""Which clock tells the time, and how far it can be relied on (R-33)."""

from __future__ import annotations

import ctypes
import ctypes.util

# linux/timex.h: the clock is not synchronised
_STA_UNSYNC, _TIME_ERROR = 0x0040, 5


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def clock_source() -> str:
    """The clock of this machine in words: whether it is synchronised, and its greatest error then."""
    state = _Timex()
    try:
        code = ctypes.CDLL(None).adjtimex(ctypes.byref(state))
    except (OSError, AttributeError):
        return "system clock, synchronisation not known"
    if code < 0:
        return "system clock, synchronisation not known"
    if code == _TIME_ERROR or state.status & _STA_UNSYNC:
        return "system clock, not synchronised"
    return f"system clock, synchronised, at most {state.maxerror / 1000:g} ms off"

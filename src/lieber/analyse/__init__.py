"""What figures show together: whether a rise is real.

In: the incidents of two windows, each as its number of persons killed. Out: rates, their ratio with
an interval, and the sentence that the numbers bear. An estimate is never added to a figure (R-34).
numpy and scipy load when something is computed.
"""

from .alike import Counted, Likeness, NotAlike, likeness
from .rates import RateRatio, rate_ratio
from .rise import REPLICATES, SENTENCES, PersonsRatio, Rise, Said, Sample, compare, scan_adjusted_p

__all__ = [
    "REPLICATES",
    "SENTENCES",
    "Counted",
    "Likeness",
    "NotAlike",
    "PersonsRatio",
    "RateRatio",
    "Rise",
    "Said",
    "Sample",
    "compare",
    "likeness",
    "rate_ratio",
    "scan_adjusted_p",
]

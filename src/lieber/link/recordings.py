"""Which recordings of one incident count as recordings of their own (R-07).

All recordings of an incident are presumed to be one until a person judges otherwise: whatever lies side by
side may be cut from the same footage. A recording counts apart only where people judged it different from
each one that counts before it; what nobody judged goes with the first. So there are never more than people
have told apart, and one more item whose footage nobody looked at changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .judgements import Judgement, Verdict, clusters


def recordings_apart(footage: Mapping[str, Sequence[str]], judgements: Iterable[Judgement]) -> dict[str, str]:
    """Item -> the name of its recording among those of an incident; empty for the one that counts first.

    `footage` is item -> the exhibits held of it, none where it was recorded by its address only; what comes
    first counts first. `judgements` are those that stand on pairs of exhibits. The name is an exhibit's.
    """
    standing = list(judgements)
    same = clusters(standing)
    different = {
        frozenset((same.key(judged.left), same.key(judged.right)))
        for judged in standing
        if judged.verdict is Verdict.DIFFERENT
    }
    counted: list[frozenset[str]] = []
    names: dict[str, str] = {}
    for item, held in footage.items():
        shown = frozenset(same.key(exhibit) for exhibit in held)
        place = next((n for n, other in enumerate(counted) if not _apart(shown, other, different)), None)
        if place is None and shown:
            counted.append(shown)
            place = len(counted) - 1
        names[item] = min(counted[place]) if place else ""
    return names


def _apart(shown: frozenset[str], other: frozenset[str], different: set[frozenset[str]]) -> bool:
    """Whether people judged that these two show different footage: some of it different, none the same."""
    if shown & other:
        return False
    return any(frozenset((one, another)) in different for one in shown for another in other)

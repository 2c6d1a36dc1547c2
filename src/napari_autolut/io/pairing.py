"""Which files of two folders belong together, by their names.

Belongs here: the rule alone, for folders of sharp images (HR) and of their small or poor versions
(LR). Whether two images fit is for those who read them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

MARKS = "hr|lr|gt|high|low|sharp|small"

_AT_END = re.compile(rf"(?:[ ._-]?x[1-8]|[ ._-](?:{MARKS}))$")
_AT_START = re.compile(rf"^(?:{MARKS})[ ._-]")


def partners(sharp: Iterable[str], small: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Match files by their paths below the two folders, without suffix.

    Names may be equal, or differ by marks as data sets have them: ``baby.png`` belongs to
    ``babyx4.png``, ``baby_LR_x2.png`` and ``LR_baby.tif``, in the sub-folder of the same name.

    Returns
    -------
    sharp to small, and why each of the others has no partner

    Examples
    --------
    >>> partners(["a/baby_HR.png", "b.png"], ["a/babyx4.png", "c.png"])
    ({'a/baby_HR.png': 'a/babyx4.png'}, {'b.png': 'no partner', 'c.png': 'no partner'})
    """
    sharp, small = sorted(sharp), sorted(small)
    found = _equal(sharp, small, _stem)
    left = [name for name in sharp if name not in found]
    free = sorted(set(small) - set(found.values()))
    found |= _equal(left, free, _key)
    alone = [n for n in sharp if n not in found] + sorted(set(small) - set(found.values()))
    keys = [_key(name) for name in (*sharp, *small)]
    reasons = {
        name: "no partner" if keys.count(_key(name)) < 2 else "no one partner: names are alike"
        for name in alone
    }
    return dict(sorted(found.items())), reasons


def _equal(sharp: Iterable[str], small: Iterable[str], key: object) -> dict[str, str]:
    """Pairs of one key where nothing else has it."""
    assert callable(key)
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, names in enumerate((sharp, small)):
        for name in names:
            groups[key(name)][side].append(name)
    return {a[0]: b[0] for a, b in groups.values() if len(a) == len(b) == 1}


def _stem(name: str) -> str:
    return Path(name).with_suffix("").as_posix()


def _key(name: str) -> str:
    """What is left of a name without marks, in lower case."""
    folder, stem = Path(name).parent.as_posix(), Path(name).stem.lower()
    shorter = ""
    while shorter != stem:
        shorter, stem = stem, _AT_END.sub("", stem) or stem
    return f"{folder}/{_AT_START.sub('', stem) or stem}"

"""HR/LR pairs: which files of two folders belong together, by their names.

Belongs here: the rule alone, for a folder of high-resolution (HR) images and one of their
low-resolution or degraded (LR) versions. Whether two images fit is for those who read them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from napari_autolut.util.spelling import composed, plain_name

MARKS = "hr|lr|gt|high|low|sharp|small"

_AT_END = re.compile(rf"(?:\.ome|[ ._-]?x[1-8]|[ ._-](?:{MARKS}))$")
_AT_START = re.compile(rf"^(?:{MARKS})[ ._-]")


def match_pairs(hr: Iterable[str], lr: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Match files by their paths below the two folders, without suffix.

    Names may be equal, or differ by marks as data sets have them: ``baby.png`` belongs to
    ``babyx4.png``, ``baby_LR_x2.png`` and ``LR_baby.tif``, in the sub-folder of the same name.

    Parameters
    ----------
    hr, lr : iterable of str
        Paths below the folder of HR and that of LR images.

    Returns
    -------
    pairs : dict of str to str
        The LR file of each HR file.
    reasons : dict of str to str
        Why each of the other files has no pair.

    Examples
    --------
    >>> match_pairs(["a/baby_HR.png", "b.png"], ["a/babyx4.png", "c.png"])
    ({'a/baby_HR.png': 'a/babyx4.png'}, {'b.png': 'no pair', 'c.png': 'no pair'})
    """
    hr, lr = sorted(hr), sorted(lr)
    pairs = _equal(hr, lr, _stem)
    unmatched = [name for name in hr if name not in pairs]
    free = sorted(set(lr) - set(pairs.values()))
    pairs |= _equal(unmatched, free, _key)
    alone = [n for n in hr if n not in pairs] + sorted(set(lr) - set(pairs.values()))
    keys = [_key(name) for name in (*hr, *lr)]
    reasons = {
        name: "no pair" if keys.count(_key(name)) < 2 else "no unique pair: names are alike"
        for name in alone
    }
    return dict(sorted(pairs.items())), reasons


def _equal(hr: Iterable[str], lr: Iterable[str], key: Callable[[str], str]) -> dict[str, str]:
    """Pairs of one key where nothing else has it."""
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, names in enumerate((hr, lr)):
        for name in names:
            groups[key(name)][side].append(name)
    return {a[0]: b[0] for a, b in groups.values() if len(a) == len(b) == 1}


def _stem(name: str) -> str:
    """Path without suffix, in composed letters: macOS may give decomposed ones."""
    return composed(Path(name).with_suffix("").as_posix())


def _key(name: str) -> str:
    """What is left of a name without marks, in lower case."""
    path = Path(plain_name(name))
    folder, stem = path.parent.as_posix(), path.stem
    shorter = ""
    while shorter != stem:
        shorter, stem = stem, _AT_END.sub("", stem) or stem
    return f"{folder}/{_AT_START.sub('', stem) or stem}"

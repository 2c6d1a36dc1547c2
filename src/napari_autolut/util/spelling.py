"""One spelling of names that look the same, or that disks take for the same; and slips of names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches


def composed(name: str) -> str:
    """Spell letters with marks as one character each, as people type them; macOS stores two.

    Parameters
    ----------
    name : str
        A name or path.

    Returns
    -------
    str
        It looks the same.
    """
    return unicodedata.normalize("NFC", name)


def plain_name(name: str) -> str:
    """Spell a name so that all its spellings are equal: composed letters, lower case.

    Parameters
    ----------
    name : str
        A name or path.

    Returns
    -------
    str
        For comparisons; macOS and Windows would find the same file.
    """
    return composed(composed(name).casefold())


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``did you mean light? `` or nothing: which known names one may be a slip of, or a part."""
    names, wanted = list(known), name.strip().lower().replace("_", "-")
    close = get_close_matches(wanted, names)
    if not close:
        words = get_close_matches(wanted, {word for each in names for word in each.split("-")}, 1)
        close = [each for each in names if set(words) & set(each.split("-"))]
    return f"did you mean {', '.join(close)}? " if close else ""

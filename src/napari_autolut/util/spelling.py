"""One spelling of names that look the same, or that disks take for the same."""

from __future__ import annotations

import unicodedata


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

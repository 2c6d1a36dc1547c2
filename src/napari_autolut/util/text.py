"""Text from files, safe to show.

Belongs here: what is done to names and descriptions that somebody else wrote, before a terminal
shows them. How Qt is told that a text is no HTML is in ``widgets/shared/plain_text.py``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories: control characters, halves of characters (undecodable names), line separators."""

REVERSING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""They reverse what follows them on a line."""

UNSEEN = (0xAD, 0x180E, 0x200B, *range(0x2060, 0x2065), 0xFEFF, *range(0xFFF9, 0xFFFC),
          0x115F, 0x1160, 0x3164, 0xFFA0, *range(0xE0000, 0xE0080))  # fmt: skip
"""With one of them a name looks like another one. Joiners and marks that scripts need are none."""

DECEIVING = frozenset(map(chr, (*REVERSING, *UNSEEN)))

MAX_QUOTED = 80
"""Characters of a text that a message quotes."""


def printable(text: str) -> str:
    r"""Escape what a terminal would obey and not show, and what nobody sees.

    Parameters
    ----------
    text : str
        A name, a path or a description, or a line that holds some.

    Returns
    -------
    str
        One line; control characters as Python writes them.

    Examples
    --------
    >>> print(printable("red \x1b[31m, and\na forged line"))
    red \x1b[31m, and\na forged line
    >>> print(printable("Größe µm α.tif"))
    Größe µm α.tif
    """
    return "".join(map(_shown, text))


def counted(count: float | str, what: str, several: str = "") -> str:
    """Write a number and what is counted, in the singular or the plural.

    Parameters
    ----------
    count : float or str
        How many; as text, how it is shown.
    what : str
        One of them.
    several : str, optional
        More of them, where that is not ``what`` with an s.

    Returns
    -------
    str
        Both.

    Examples
    --------
    >>> counted(1, "image"), counted(2400, "image"), counted("0.1", "pixel")
    ('1 image', '2,400 images', '0.1 pixels')
    >>> counted(3, "axis", "axes")
    '3 axes'
    """
    text = count if isinstance(count, str) else f"{count:,}"
    return f"{text} {what if text == '1' else several or what + 's'}"


def shortened(text: str) -> str:
    """Cut a text that is longer than a message should quote.

    Parameters
    ----------
    text : str
        What was found.

    Returns
    -------
    str
        The text, or its first 80 characters and three dots.
    """
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}..."


def quoted(value: object) -> str:
    """What a caller gave, on one line that a message can hold; an array has many.

    Examples
    --------
    >>> quoted("no"), len(quoted(list(range(1000))))
    ("'no'", 83)
    """
    return shortened(" ".join(repr(value).split()))


def all_digits(number: float) -> str:
    """Write a number with all its digits, so that what was done with it can be done again.

    Examples
    --------
    >>> all_digits(100.0), all_digits(1234567.0), all_digits(0.1 + 0.2)
    ('100', '1234567', '0.30000000000000004')
    """
    return repr(float(number)).removesuffix(".0")


def _shown(character: str) -> str:
    if unicodedata.category(character) in UNSAFE or character in DECEIVING:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def first_names(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence, of which only the first are written out.

    Examples
    --------
    >>> first_names(["a.png", "b.png"]), first_names(list("abcde"))
    ('a.png, b.png', 'a, b, c and 2 others')
    """
    more = f" and {counted(len(names) - most, 'other')}" if len(names) > most else ""
    return ", ".join(names[:most]) + more

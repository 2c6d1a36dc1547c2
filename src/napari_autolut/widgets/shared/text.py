"""Figures and paths as docks write them: plain text, no Qt.

Belongs here: what every dock writes alike. What a single dock says is in its own package.
"""

from __future__ import annotations

import re

from napari_autolut.util.text import printable

SEPARATORS, SEPARATORS_OF_NAMES, BREAK = "/\\", "_-.", "\N{ZERO WIDTH SPACE}"
"""After what a path may be wrapped, and a long name, too, and how Qt is told so."""

KEPT = frozenset({"\n", "\t", BREAK})
"""What texts of ours have, too: those that are plain already stay as they are."""

SHORT_WORD, LONG_WORD = 12, 32
"""Letters up to which no word makes a dock wider, and from which on a name does."""

GAP = "\N{NO-BREAK SPACE}"
"""Between a figure and its unit."""


def rough_duration_text(seconds: float) -> str:
    """A duration that is only known roughly: about 1 s, about 20 s, about 3 min, about 2 h."""
    if seconds < 1:
        return f"less than 1{GAP}s"
    if seconds < 10:
        return f"about {seconds:.0f}{GAP}s"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f}{GAP}s"
    if seconds < 5400:
        return f"about {seconds / 60:.0f}{GAP}min"
    return f"about {seconds / 3600:.0f}{GAP}h"


def size_text(count: int) -> str:
    """Bytes in decimal units: 950 bytes, 3.2 kB, 335 kB, 1.3 MB."""
    size, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    digits = 1 if size < 10 and unit != "bytes" else 0
    return f"{size:.{digits}f}{GAP}{unit}"


def duration_text(seconds: float) -> str:
    """Time for people: 80 ms, 1.2 s, 2 min 5 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f}{GAP}ms"
    if seconds < 60:
        return f"{seconds:.1f}{GAP}s"
    return f"{seconds // 60:.0f}{GAP}min {seconds % 60:.0f}{GAP}s"


def number_text(value: float) -> str:
    """A pixel value as people write it: 5,840, 65,535, 0.1234, 1.2e-05."""
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.4g}"
    return f"{value:.4g}"


def range_text(low: float, high: float) -> str:
    """The limits of a range: 3 to 3,047."""
    return f"{number_text(low)} to {number_text(high)}"


def sentence(text: str) -> str:
    """A message as a sentence of its own; a name of a file or a value that it begins with stays."""
    begin = text[:1].upper() if re.match(r"[a-z]+[ ,:]", text) else text[:1]
    return f"{begin}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def breakable(text: str) -> str:
    """Text whose long paths and names may be wrapped after a separator: no dock grows for them."""
    return "".join(_breakable_word(each) for each in re.split(r"(\s+)", seen(text)))


def seen(text: str) -> str:
    """Text of which all is seen and nothing reversed: escaped as in the shell, lines stay lines."""
    return "".join(each if each in KEPT else printable(each) for each in text)


def _breakable_word(word: str) -> str:
    if len(word) <= SHORT_WORD:
        return word
    is_path = any(separator in word for separator in SEPARATORS)
    separators = SEPARATORS if is_path or len(word) <= LONG_WORD else SEPARATORS_OF_NAMES
    return "".join(each + BREAK if each in separators else each for each in word)


def axis_name(label: str, number: int) -> str:
    """What an axis is called; one that nobody named by its number."""
    return f"axis {number}" if label.lstrip("-").isdecimal() else label

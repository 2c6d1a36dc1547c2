"""Units of length and time that files name: spellings and factors.

Belongs here: names for all formats. Which of them a format may write is in that format's folder.
"""

from __future__ import annotations

import re

MICRONS_PER_INCH = 25400.0

MICRONS = {"nm": 1e-3, "µm": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6}
"""The units of ``ImageFile.unit``, in micrometres."""

LENGTHS: dict[str, tuple[str, float]] = {
    "Ym": ("m", 1e24), "Zm": ("m", 1e21), "Em": ("m", 1e18), "Pm": ("m", 1e15), "Tm": ("m", 1e12),
    "Gm": ("m", 1e9), "Mm": ("m", 1e6), "km": ("m", 1e3), "hm": ("m", 100.0), "dam": ("m", 10.0),
    "dm": ("cm", 10.0), "pm": ("nm", 1e-3), "fm": ("nm", 1e-6), "am": ("nm", 1e-9),
    "zm": ("nm", 1e-12), "ym": ("nm", 1e-15), "Å": ("nm", 0.1), "thou": ("µm", 25.4),
    "li": ("mm", 25.4 / 12), "in": ("mm", 25.4), "ft": ("mm", 304.8), "yd": ("mm", 914.4),
    "mi": ("m", 1609.344), "ua": ("m", 149597870700.0), "ly": ("m", 9460730472580800.0),
    "pc": ("m", 3.0856775814913673e16), "pt": ("mm", 25.4 / 72),
}  # fmt: skip
"""The other units of OME's schema, which tells upper from lower case: ours, and the factor."""

WORDS: dict[str, tuple[str, float]] = {
    "um": ("µm", 1.0), "mu": ("µm", 1.0), "u": ("µm", 1.0), "micron": ("µm", 1.0),
    "mum": ("µm", 1.0), "a": ("nm", 0.1), "angstrom": ("nm", 0.1), "ångström": ("nm", 0.1),
    "ångstrom": ("nm", 0.1), "inch": ("mm", 25.4), "inche": ("mm", 25.4), '"': ("mm", 25.4),
    "foot": ("mm", 304.8), "feet": ("mm", 304.8), "yard": ("mm", 914.4), "mil": ("µm", 25.4),
    "mile": ("m", 1609.344), "parsec": LENGTHS["pc"], "point": ("mm", 25.4 / 72),
}  # fmt: skip
"""What else is found in files, in lower case and without the s of a plural."""

PREFIXES = {
    "yocto": -24, "zepto": -21, "atto": -18, "femto": -15, "pico": -12, "nano": -9, "micro": -6,
    "milli": -3, "centi": -2, "deci": -1, "": 0, "deca": 1, "hecto": 2, "kilo": 3, "mega": 6,
    "giga": 9, "tera": 12, "peta": 15, "exa": 18, "zetta": 21, "yotta": 24,
}  # fmt: skip

SECONDS = {
    "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "ps": 1e-12, "fs": 1e-15,
    "cs": 1e-2, "ds": 0.1, "das": 10.0, "hs": 100.0, "ks": 1e3, "Ms": 1e6, "Gs": 1e9,
    "min": 60.0, "m": 60.0, "h": 3600.0, "hr": 3600.0, "d": 86400.0,
    "sec": 1.0, "msec": 1e-3, "usec": 1e-6, "µsec": 1e-6, "nsec": 1e-9,
    "second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0,
}  # fmt: skip
"""Units of time in seconds: those of OME's schema, and what else is found in files."""

_METRES = re.compile(rf"({'|'.join(PREFIXES)})met(?:er|re)")
_LONG_SECONDS = re.compile(rf"({'|'.join(PREFIXES)})(?:sec|second)")
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})", re.I)
"""A letter as ImageJ escapes those that are not ASCII."""

_MU = re.compile("\u03bc|Â\u00b5|&micro;|&#181;", re.I)
"""The micro sign as a Greek letter, and where its bytes were misread."""


def in_microns(size: float | None, unit: str | None) -> float | None:
    """Convert a size to micrometres; None where the size or the unit is not known."""
    if size is None or unit not in MICRONS:
        return None
    return size * MICRONS[unit]


def known_unit(unit: object) -> tuple[str | None, float]:
    """Translate a file's unit to one of ours and a factor; None for pixels and unknown ones.

    Parameters
    ----------
    unit : object
        What the file has in the place of a unit: names, signs, plurals, British and American.

    Returns
    -------
    unit : str or None
        A key of `MICRONS`.
    factor : float
        How many of them are one of the file's.

    Examples
    --------
    >>> known_unit("Micrometers"), known_unit("Å"), known_unit("pixels")
    (('µm', 1.0), ('nm', 0.1), (None, 1.0))
    """
    text = _plain(unit)
    if text in MICRONS:
        return text, 1.0
    if text in LENGTHS:
        return LENGTHS[text]
    text = _singular(text)
    if text in MICRONS:
        return text, 1.0
    if text in WORDS:
        return WORDS[text]
    if match := _METRES.fullmatch(text):
        exponent = PREFIXES[match[1]]
        named = {-9: "nm", -6: "µm", -3: "mm", -2: "cm", 0: "m"}
        return (named[exponent], 1.0) if exponent in named else ("m", 10.0**exponent)
    return None, 1.0


def seconds_of(unit: object) -> float | None:
    """Give the seconds of a file's unit of time; None for frames and unknown ones.

    Parameters
    ----------
    unit : object
        Such as ``"ms"`` or ``"Minutes"``.

    Returns
    -------
    float or None
        Seconds.

    Examples
    --------
    >>> seconds_of("Minutes"), seconds_of("msec"), seconds_of("frames")
    (60.0, 0.001, None)
    """
    text = _plain(unit)
    if text in SECONDS:
        return SECONDS[text]
    text = _singular(text)
    if match := _LONG_SECONDS.fullmatch(text):
        return 10.0 ** PREFIXES[match[1]]
    return SECONDS.get(text)


def converted(size: float, unit: str, wanted: str) -> float:
    """Convert a size between two keys of `MICRONS`.

    Parameters
    ----------
    size : float
        In ``unit``.
    unit, wanted : str
        The unit it has and the one it gets.

    Returns
    -------
    float
        In ``wanted``; the same number where both are equal.
    """
    return size if unit == wanted else size * (MICRONS[unit] / MICRONS[wanted])


def _plain(unit: object) -> str:
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), str(unit or ""))
    text = _MU.sub("µ", text.strip().strip("'[]() ."))
    return text.replace("\u212b", "Å").replace("Ã\u0085", "Å")


def _singular(text: str) -> str:
    text = text.lower()
    return text.removesuffix("s") if len(text) > 2 else text

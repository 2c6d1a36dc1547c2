"""Units of length that files name, in micrometres.

Belongs here: names, spellings and factors, for all formats.
"""

from __future__ import annotations

MICRONS_PER_INCH = 25400.0

MICRONS = {"nm": 1e-3, "µm": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6}
"""The units of ``ImageFile.unit``, in micrometres."""

SPELLINGS = {
    "micron": ("µm", 1.0),
    "microns": ("µm", 1.0),
    "um": ("µm", 1.0),
    "μm": ("µm", 1.0),  # Greek mu; MICRONS has the micro sign, as OME-XML
    "\\u00b5m": ("µm", 1.0),  # ImageJ's escape of the micro sign
    "pm": ("nm", 1e-3),
    "å": ("nm", 0.1),
    "angstrom": ("nm", 0.1),
    "in": ("mm", 25.4),
    "inch": ("mm", 25.4),
    "inches": ("mm", 25.4),
}
"""Other spellings and units: what to call them, and the factor."""


def in_microns(size: float | None, unit: str | None) -> float | None:
    """Convert a size to micrometres; None where the size or the unit is not known."""
    if size is None or unit not in MICRONS:
        return None
    return size * MICRONS[unit]


def known_unit(unit: object) -> tuple[str | None, float]:
    """Translate a file's unit to one of ours and a factor; None for pixels and unknown ones."""
    text = str(unit or "").strip()
    if text in MICRONS:
        return text, 1.0
    return SPELLINGS.get(text.lower(), (None, 1.0))

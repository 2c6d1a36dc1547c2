"""Which attributes OME's schema allows for pixels, channels and planes, and which values.

Belongs here: that table. Files of other programs hold all sorts of things; what is written is
valid.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from napari_autolut.io.units import LENGTHS, MICRONS

Check = Callable[[str], bool]

LENGTH_UNITS = frozenset((*MICRONS, *LENGTHS, "pixel", "reference frame"))
TIME_UNITS = frozenset(
    ("Ys", "Zs", "Es", "Ps", "Ts", "Gs", "Ms", "ks", "hs", "das", "s", "ds", "cs", "ms", "µs", "ns",
     "ps", "fs", "as", "zs", "ys", "min", "h", "d")
)  # fmt: skip
ACQUISITION_MODES = frozenset(
    ("WideField", "LaserScanningConfocalMicroscopy", "SpinningDiskConfocal", "SlitScanConfocal",
     "MultiPhotonMicroscopy", "StructuredIllumination", "SingleMoleculeImaging",
     "TotalInternalReflection", "FluorescenceLifetime", "SpectralImaging",
     "FluorescenceCorrelationSpectroscopy", "NearFieldScanningOpticalMicroscopy",
     "SecondHarmonicGenerationImaging", "PALM", "STORM", "STED", "TIRF", "FSM", "LCM", "Other",
     "BrightField", "SweptFieldConfocal", "SPIM")
)  # fmt: skip
CONTRAST_METHODS = frozenset(
    ("Brightfield", "Phase", "DIC", "HoffmanModulation", "ObliqueIllumination", "PolarizedLight",
     "Darkfield", "Fluorescence", "Other")
)  # fmt: skip
ILLUMINATION_TYPES = frozenset(("Transmitted", "Epifluorescence", "Oblique", "NonLinear", "Other"))


def _number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _size(text: str) -> bool:
    return _number(text) and float(text) > 0


def _share(text: str) -> bool:
    return _number(text) and 0 <= float(text) <= 1


def _integer(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,10}", text) is not None and -(2**31) <= int(text) < 2**31


def _colour(text: str) -> bool:
    """Whether it is one, in 32 bits of which the last are alpha; nothing would be seen in black."""
    return _integer(text) and int(text) & 0xFFFFFF00 != 0


def _count(text: str) -> bool:
    return _integer(text) and int(text) > 0


def _index(text: str) -> bool:
    return _integer(text) and int(text) >= 0


def _text(_: str) -> bool:
    return True


ALLOWED: dict[str, dict[str, Check]] = {
    "Pixels": {
        "SignificantBits": _count,
        **{f"PhysicalSize{axis}": _size for axis in "XYZ"},
        **{f"PhysicalSize{axis}Unit": LENGTH_UNITS.__contains__ for axis in "XYZ"},
        "TimeIncrement": _number,
        "TimeIncrementUnit": TIME_UNITS.__contains__,
    },
    "Channel": {
        "Name": _text,
        "AcquisitionMode": ACQUISITION_MODES.__contains__,
        "Color": _colour,
        "ContrastMethod": CONTRAST_METHODS.__contains__,
        "EmissionWavelength": _size,
        "EmissionWavelengthUnit": LENGTH_UNITS.__contains__,
        "ExcitationWavelength": _size,
        "ExcitationWavelengthUnit": LENGTH_UNITS.__contains__,
        "Fluor": _text,
        "IlluminationType": ILLUMINATION_TYPES.__contains__,
        "NDFilter": _share,
        "PinholeSize": _number,
        "PinholeSizeUnit": LENGTH_UNITS.__contains__,
        "PockelCellSetting": _integer,
    },
    "Plane": {
        **{f"The{axis}": _index for axis in "ZTC"},
        "DeltaT": _number,
        "ExposureTime": _number,
        **{f"{kind}Unit": TIME_UNITS.__contains__ for kind in ("DeltaT", "ExposureTime")},
        **{f"Position{axis}": _number for axis in "XYZ"},
        **{f"Position{axis}Unit": LENGTH_UNITS.__contains__ for axis in "XYZ"},
    },
}  # fmt: skip


def valid_attributes(element: str, attributes: Mapping[str, str]) -> dict[str, str]:
    """Choose the attributes that the schema allows, with values that it allows.

    Parameters
    ----------
    element : {"Pixels", "Channel", "Plane"}
        Name of the element.
    attributes : mapping of str to str
        Of a file of any program.

    Returns
    -------
    dict of str to str
        Those that are valid.
    """
    allowed = ALLOWED[element]
    return {
        name: value
        for name, value in attributes.items()
        if name in allowed and allowed[name](value)
    }

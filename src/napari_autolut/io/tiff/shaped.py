"""What tifffile's own description, a line of JSON, says of a plain TIFF besides its axes.

Belongs here: sizes and names that scripts put there in the words of OME or ImageJ. A file with its
own dialect is read by that: ``ome/reading.py``, ``imagej.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tifffile import TiffFile, TiffPage

from napari_autolut.io.image_file import Channel, ImageFile
from napari_autolut.io.tiff.imagej import Resolution
from napari_autolut.io.tiff.maker_metadata import MakerMetadata
from napari_autolut.io.tiff.numbers import positive
from napari_autolut.io.units import in_microns, known_unit, seconds_of

CENTIMETRE = 3
"""The one unit of resolution that nobody writes without meaning it; inches are the default."""

NOT_GIVEN = (1.0, 1.0)
"""What tifffile writes where no resolution is given."""

MAX_AXES = 32
"""Of any array that numpy can hold."""

TRUNCATED = "truncated"
"""Said where pixels follow one another with the tags of the first page alone."""


def shaped_description(page: TiffPage) -> Mapping[str, Any]:
    """The JSON of a page; empty where its description is something else."""
    if not page.description.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(page.description)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def settle_shape(tif: TiffFile) -> str:
    """Take pages as their tags have them where such JSON is of an image of other sides.

    Programs that crop, rotate or convert an image keep the text of its source.

    Parameters
    ----------
    tif : TiffFile
        An open file; whether it counts as tifffile's is changed.

    Returns
    -------
    str
        A sentence without its point; empty where nothing was changed.

    Raises
    ------
    ValueError
        If it is of more axes than an array can have.
    """
    page = tif.pages.first
    said = shaped_description(page)
    shape, axes = said.get("shape"), said.get("axes")
    if not isinstance(shape, list) or TRUNCATED in said:
        return ""
    if len(shape) > MAX_AXES:
        raise ValueError(f"its description is of an image of {len(shape):,} axes")
    declared, own = ([n for n in each if n != 1] for each in (shape, page.shape))
    named = not isinstance(axes, str) or len(axes) == len(shape)
    if named and declared[max(0, len(declared) - len(own)) :] == own:
        return ""
    vars(tif)["is_shaped"] = False
    return "its description is of an image of other sides, and says nothing of its axes"


def shaped_sizes(found: Mapping[str, Any], resolution: Resolution) -> MakerMetadata:
    """Sizes and names of channels in such JSON.

    Parameters
    ----------
    found : mapping of str to object
        As `shaped_description` gives it.
    resolution : Resolution
        What the tags say: pixels in the unit that the JSON names, if it names one.

    Returns
    -------
    MakerMetadata
        Micrometres and seconds, empty where nothing is said; names.
    """
    sizes = {axis: _ome_size(found, axis) for axis in "XYZ"}
    unit, factor = known_unit(found.get("unit"))
    if unit and not any(sizes.values()):
        across, down, resolution_unit = resolution
        lengths = {"Z": positive(found.get("spacing"))}
        said = across and down and (across, down) != NOT_GIVEN
        if said and resolution_unit != CENTIMETRE:
            lengths |= {"X": 1 / across, "Y": 1 / down}
        sizes = {axis: in_microns(size * factor, unit) or 0.0 for axis, size in lengths.items()}
    seconds = seconds_of(found.get("TimeIncrementUnit") or "s") or 0.0
    sizes["T"] = positive(found.get("TimeIncrement")) * seconds or positive(found.get("finterval"))
    return MakerMetadata(sizes, _channels(found.get("Channel")))


def sizes_for_json(image: ImageFile) -> dict[str, Any]:
    """What `shaped_sizes` reads again: that of which a plain TIFF's tags know nothing.

    Parameters
    ----------
    image : ImageFile
        The image.

    Returns
    -------
    dict of str to object
        In the words of OME; what has no unit is left out.
    """
    sizes = image.pixel_size
    said: dict[str, Any] = {}
    if "Z" in sizes and image.unit is not None:
        said |= {"PhysicalSizeZ": sizes["Z"], "PhysicalSizeZUnit": image.unit}
    if "T" in sizes:
        said |= {"TimeIncrement": sizes["T"], "TimeIncrementUnit": "s"}
    names = [channel.name for channel in image.channels]
    return said | ({"Channel": {"Name": names}} if any(names) else {})


def _ome_size(found: Mapping[str, Any], axis: str) -> float:
    unit, factor = known_unit(found.get(f"PhysicalSize{axis}Unit") or "µm")
    return in_microns(positive(found.get(f"PhysicalSize{axis}")) * factor, unit) or 0.0


def _channels(found: object) -> tuple[Channel, ...]:
    names = found.get("Name") if isinstance(found, Mapping) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return ()
    return tuple(map(Channel, names))

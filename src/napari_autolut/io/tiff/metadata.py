"""What a TIFF says of its image besides the pixels: by dialect, and the tags of resolution.

Belongs here: the choice between dialects, and plain TIFF. OME-XML is ``ome/reading.py``, ImageJ
``imagej.py``, makers of microscopes ``light_microscopes.py``, ``slides.py`` and ``vendors.py``;
pixels are ``reading.py`` and ``writing.py``.
"""

from __future__ import annotations

from typing import Any

from tifffile import TiffFile, TiffPage, TiffPageSeries

from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.provenance import JSON_KEY, history_from_json, history_to_json
from napari_autolut.io.tiff.imagej import MICRONS_OF_TAG, Resolution, describe_imagej
from napari_autolut.io.tiff.light_microscopes import light_microscope
from napari_autolut.io.tiff.maker_metadata import MakerMetadata
from napari_autolut.io.tiff.map_tags import map_fields
from napari_autolut.io.tiff.numbers import positive
from napari_autolut.io.tiff.ome.reading import describe_ome
from napari_autolut.io.tiff.page_names import lost_names, named_pages
from napari_autolut.io.tiff.shaped import (
    NOT_GIVEN,
    shaped_description,
    shaped_sizes,
    sizes_for_json,
)
from napari_autolut.io.tiff.slides import slide_scanner
from napari_autolut.io.tiff.vendors import magnification_word, vendor_sizes
from napari_autolut.io.units import in_microns

INCH = 2
MAX_TAG = 2**31
"""Numbers in tags have 32 bits."""


def describe(tif: TiffFile, series: TiffPageSeries, number: int = 0) -> dict[str, Any]:
    """Read the fields of `ImageFile` that say more than the pixels.

    Parameters
    ----------
    tif : TiffFile
        The file, open.
    series : TiffPageSeries
        Pages of the image.
    number : int, default 0
        Which image of the file it is.

    Returns
    -------
    dict of str to object
        Arguments of `ImageFile`.

    Raises
    ------
    ValueError
        If OME-XML is damaged.
    """
    page = series.keyframe.aspage()
    if series.kind == "ome" and tif.ome_metadata:
        return describe_ome(tif.ome_metadata, number, series.name)
    if tif.is_imagej and tif.imagej_metadata is not None:
        return describe_imagej(tif.imagej_metadata, _resolution(page), page)
    if said := light_microscope(tif, series):
        return said
    if known := MakerMetadata(vendor_sizes(tif, page)).fields():
        return known
    described = shaped_description(page)
    # The history is in the description of a plain file that we wrote.
    fields = {"history": history_from_json(described.get(JSON_KEY)), **_plain_sizes(page)}
    fields |= map_fields(page)
    stack = series.kind == "generic" and series.axes[0] in "CI"
    named = [each.aspage() for each in series.pages if each is not None] if stack else []
    if lost := lost_names(named):
        fields["not_kept"] = lost
    for found in (
        slide_scanner(tif, series),
        shaped_sizes(described, _resolution(page)),
        named_pages(named),
    ):
        if known := found.fields():
            return _together(fields, known)
    if word := magnification_word(tif):  # dots an inch are those of a screen
        fields = {key: value for key, value in fields.items() if key not in ("pixel_size", "unit")}
        fields["remarks"] = (word,)
    if page.is_ome:
        why = "is in a missing file" if "BinaryOnly" in page.description else "does not fit"
        fields["not_kept"] = (f"the OME-XML, which {why}",)
    elif "<OME" in page.description:
        fields["not_kept"] = ("the OME-XML, which is damaged",)
    return fields


def plain_metadata(image: ImageFile) -> dict[str, Any]:
    """Write what a plain TIFF can say, in tifffile's words.

    Parameters
    ----------
    image : ImageFile
        The image.

    Returns
    -------
    dict of str to object
        For ``metadata`` of `tifffile.imwrite`.
    """
    history = {JSON_KEY: history_to_json(image.history)} if image.history else {}
    return {"axes": image.axes} | sizes_for_json(image) | history


def resolution_tags(image: ImageFile, *, physical: bool) -> dict[str, Any]:
    """TIFF resolution for `tifffile.imwrite`: pixels a centimetre, or a unit named elsewhere.

    Parameters
    ----------
    image : ImageFile
        The image.
    physical : bool
        Whether the unit must be one that the tags know.

    Returns
    -------
    dict of str to object
        Arguments; none where nothing is known or the numbers are too large for the tags.
    """
    sizes = [image.pixel_size.get(axis) for axis in "XY"]
    physical = physical and image.unit is not None
    if physical:
        sizes = [in_microns(size, image.unit) for size in sizes]
    across, down = sizes
    if not across or not down:
        return {}
    length = 10000.0 if physical else 1.0
    if not all(1 / MAX_TAG < length / size < MAX_TAG for size in (across, down)):
        return {}
    return {
        "resolution": (length / across, length / down),
        "resolutionunit": "CENTIMETER" if physical else "NONE",
    }


def _plain_sizes(page: TiffPage) -> dict[str, Any]:
    across, down, resolution_unit = _resolution(page)
    # One pixel an inch is what writers put down that do not know.
    if not (across and down) or (across, down) == NOT_GIVEN:
        return {}
    if resolution_unit not in MICRONS_OF_TAG:
        return {"pixel_size": {"Y": 1 / down, "X": 1 / across}}
    length = MICRONS_OF_TAG[resolution_unit]
    return {"pixel_size": {"Y": length / down, "X": length / across}, "unit": "µm"}


def _together(plain: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """What the tags of a plain TIFF say, and before it what a program says besides."""
    alike = known["unit"] is None or known["unit"] == plain.get("unit")
    sizes = plain.get("pixel_size", {}) if alike else {}
    unit = known["unit"] or plain.get("unit")
    return {**plain, **known, "pixel_size": sizes | known["pixel_size"], "unit": unit}


def _resolution(page: TiffPage) -> Resolution:
    """Pixels a unit across and down (0 where not given), and the TIFF number of that unit."""
    dots = []
    for name in ("XResolution", "YResolution"):
        numerator, denominator = page.tags.valueof(name) or (0, 1)
        dots.append(positive(numerator / denominator if denominator else 0))
    unit = page.tags.valueof("ResolutionUnit", default=INCH)
    return Resolution(dots[0], dots[1], int(unit))

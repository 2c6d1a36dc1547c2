"""What a result's format does not hold of its source.

Belongs here: the sentence about it. What each format keeps is known in ``io``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari_autolut.io import TIFF_SUFFIXES, ImageFile, is_named_zarr
from napari_autolut.io.exif import SETTINGS_WORD, has_settings
from napari_autolut.io.pillow import loses_pixel_size
from napari_autolut.io.png_chunks import COLOUR_SPACE, COLOUR_SPACE_WORD
from napari_autolut.io.tiff.imagej import lost_outside_imagej
from napari_autolut.io.tiff.ome.reading import lost_outside_ome
from napari_autolut.io.tiff.writing import flavour_of
from napari_autolut.io.zarr.microscope import is_written


def lost_words(out: Path, results: Sequence[ImageFile], *, tiled: bool = False) -> str:
    """Say what of a source its result does not hold, and how it was read.

    Parameters
    ----------
    out : Path
        The result's file.
    results : sequence of ImageFile
        What is written.
    tiled : bool, default False
        Whether it is written in tiles.

    Returns
    -------
    str
        Part of a sentence; empty where there is nothing to say.
    """
    words = [word for each in results for word in each.not_kept]
    tiff = out.suffix.lower() in TIFF_SUFFIXES
    flavour = flavour_of(out, results, tiled=tiled) if tiff else ""
    if flavour != "imagej":
        words += [word for each in results for word in lost_outside_imagej(each)]
    zarr = is_named_zarr(out)
    if flavour != "ome" and not (zarr and is_written(results)):
        words += [word for each in results for word in lost_outside_ome(each)]
    elif flavour == "ome":
        windows = any(channel.window for each in results for channel in each.channels)
        words += ["the display ranges of channels"] * windows
    if flavour == "plain":
        words += ["distances of slices"] * any(
            "Z" in each.pixel_size and each.unit is None for each in results
        )
        words += ["the colours of channels"] * any(
            channel.colour for each in results for channel in each.channels
        )
    if zarr:
        words += ["the colour profile"] * any(each.icc_profile for each in results)
        words += ["what the camera said (EXIF)"] * any(each.exif for each in results)
    if tiff:
        words += [SETTINGS_WORD] * any(has_settings(each.exif) for each in results)
    if flavour in ("", "plain") and not zarr:
        words += ["where it lies"] * any(each.place_is_known for each in results)
    if out.suffix.lower() != ".png":
        words += [COLOUR_SPACE_WORD] * any(COLOUR_SPACE in each.metadata for each in results)
    if not tiff and not zarr:
        words += ["the pixel size"] * any(loses_pixel_size(out, each) for each in results)
    lost = [f"not kept: {', '.join(dict.fromkeys(words))}"] if words else []
    return "; ".join([*dict.fromkeys(word for each in results for word in each.remarks), *lost])

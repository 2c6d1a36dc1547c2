"""Sizes, times and channels as programs of light microscopes write them in tags of their own.

Belongs here: MetaMorph, FluoView, LSM, ScanImage, Micro-Manager, Olympus SIS and Volocity. They are
read and written again as OME-XML. Electron microscopes are ``vendors.py``, slides ``slides.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from tifffile import TiffFile, TiffPage, TiffPageSeries

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff import metaseries, scanimage, volocity
from napari_autolut.io.tiff.maker_metadata import MakerMetadata, hexadecimal
from napari_autolut.io.tiff.micromanager import (
    named_channels,
    pixel_sizes,
    settings,
    step_of_pages,
)
from napari_autolut.io.tiff.numbers import mean_step, positive
from napari_autolut.io.units import in_microns, known_unit, seconds_of

METRE = 1e6
"""In micrometres."""

DAY = 86_400_000
"""In milliseconds, from which MetaMorph's clock begins anew."""

FLUOVIEW_TIMES = ("T", "TIME")

UNSORTED = "its pages do not make up whole axes, and lie in their order along Z"
"""Of a recording that stopped, or went on in another file."""


def light_microscope(tif: TiffFile, series: TiffPageSeries) -> dict[str, Any]:
    """Find what the program of a light microscope wrote.

    Parameters
    ----------
    tif : TiffFile
        The file, open.
    series : TiffPageSeries
        Pages of the image.

    Returns
    -------
    dict of str to object
        Arguments of `ImageFile`; none where no such program wrote the file, or it knew no size.
    """
    page = series.keyframe.aspage()
    finders = (_lsm, _stk, _metaseries, _fluoview, _scanimage, _micromanager, _sis, _volocity)
    for find in finders:
        if fields := find(tif, series, page).fields():
            return fields
    return {}


def _lsm(tif: TiffFile, _: TiffPageSeries, __: TiffPage) -> MakerMetadata:
    found = (tif.lsm_metadata if tif.is_lsm else None) or {}
    sizes = {axis: positive(found.get(f"VoxelSize{axis}")) * METRE for axis in "XYZ"}
    stamps = found.get("TimeStamps")
    sizes["T"] = mean_step(stamps) or positive(found.get("TimeIntervall"))
    table = found.get("ChannelColors")
    if not isinstance(table, Mapping):
        return MakerMetadata(sizes)
    names, colours = (list(table.get(key) or ()) for key in ("ColorNames", "Colors"))
    colours = [hexadecimal(colour) for colour in colours]
    count = found.get("DimensionChannels")
    if not len(names) == len(colours) == count:
        return MakerMetadata(sizes)
    return MakerMetadata(sizes, tuple(map(Channel, map(str, names), colours)))


def _stk(tif: TiffFile, series: TiffPageSeries, _: TiffPage) -> MakerMetadata:
    found = (tif.stk_metadata if tif.is_stk else None) or {}
    unit, factor = known_unit(found.get("CalibrationUnits"))
    sizes = {
        axis: in_microns(positive(found.get(f"{axis}Calibration")) * factor, unit) or 0.0
        for axis in "XY"
        if found.get("SpatialCalibration", 1)
    }
    if "Z" in series.axes:  # always in micrometres
        sizes["Z"] = _repeated(found.get("ZDistance"))
    elif "T" in series.axes:
        milliseconds = np.asarray(found.get("TimeCreated", ()), np.int64)
        sizes["T"] = mean_step(np.unwrap(milliseconds, period=DAY), 1e-3)
    return MakerMetadata(sizes)


def _metaseries(_: TiffFile, series: TiffPageSeries, page: TiffPage) -> MakerMetadata:
    return metaseries.metaseries(series, page)


def _fluoview(tif: TiffFile, _: TiffPageSeries, __: TiffPage) -> MakerMetadata:
    found = (tif.fluoview_metadata if tif.is_fluoview else None) or {}
    sizes = {}
    for name, _size, _origin, step, unit in found.get("Dimensions", ()):
        axis = str(name).strip().upper()
        if axis in FLUOVIEW_TIMES:
            sizes["T"] = abs(step) * (seconds_of(unit) or 1.0)
        elif axis in ("X", "Y", "Z"):
            own, factor = known_unit(unit)
            sizes[axis] = in_microns(abs(step) * factor, own) or 0.0
    return MakerMetadata(sizes)


def _scanimage(_: TiffFile, series: TiffPageSeries, page: TiffPage) -> MakerMetadata:
    if not page.is_scanimage:
        return MakerMetadata({})
    corners = np.asarray(scanimage.settings(page, "hRoiManager.imagingFovUm"))
    sizes = {"Z": abs((scanimage.settings(page, "hStackManager.stackZStepSize") or [0.0])[0])}
    if corners.size == 8:  # x and y of each
        width, height = np.ptp(corners.reshape(4, 2), axis=0).tolist()
        sizes |= {"X": width / page.imagewidth, "Y": height / page.imagelength}
    if "T" in series.axes:
        of_volumes = "Z" in series.axes.partition("T")[2]
        kind, frames = ("Volume", 1) if of_volumes else ("Frame", scanimage.averaged_frames(page))
        rates = scanimage.settings(page, f"hRoiManager.scan{kind}Rate")
        sizes["T"] = frames / rates[0] if rates and rates[0] else 0.0
    return MakerMetadata(sizes)


def _micromanager(tif: TiffFile, series: TiffPageSeries, page: TiffPage) -> MakerMetadata:
    plane, summary = settings(tif, page)
    sizes = pixel_sizes(plane, summary)
    if "I" in series.axes:
        return MakerMetadata(sizes, remarks=(UNSORTED,) if plane else ())
    step, interval = abs(_number(summary.get("z-step_um"))), positive(summary.get("Interval_ms"))
    # Not planned, or an interval of 0, as fast as can be: what each page was taken at.
    step = step or step_of_pages(series, "Z", "ZPositionUm")
    frames = interval / 1000 or step_of_pages(series, "T", "ElapsedTime-ms", 1e-3)
    sizes |= {"Z": step, "T": frames}
    return MakerMetadata(sizes, named_channels(series) if plane else ())


def _sis(tif: TiffFile, _: TiffPageSeries, __: TiffPage) -> MakerMetadata:
    found = (tif.sis_metadata if tif.is_sis else None) or {}
    sizes = {axis: positive(found.get(f"pixelsize{axis.lower()}")) * METRE for axis in "XY"}
    return MakerMetadata(sizes)


def _volocity(_: TiffFile, series: TiffPageSeries, page: TiffPage) -> MakerMetadata:
    said = volocity.settings(page)
    sizes = {axis: positive(said.get(f"{axis}CalibrationMicrons")) for axis in "XYZ"}
    return MakerMetadata(sizes, volocity.channels(series) if said else ())


# --- numbers ---------------------------------------------------------------------------------


def _repeated(distances: Any) -> float:
    """The distance of planes, where there is but one; the first plane has none before it."""
    found = np.abs(np.asarray(() if distances is None else distances, np.float64))[1:]
    alike = found.size and np.allclose(found, found[0], rtol=0.01)
    return float(found[0]) if alike else 0.0


def _number(word: object, otherwise: float = 0.0) -> float:
    try:
        return float(word)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return otherwise

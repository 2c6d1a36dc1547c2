"""How ScanImage's pages lie along axes: volume by volume, slice by slice, channel by channel.

Belongs here: which pages there are, and what its settings say of their axes. Sizes and times are
``light_microscopes.py``.
"""

from __future__ import annotations

import math
import re

from tifffile import TiffFile, TiffPage, TiffPages, TiffPageSeries

from napari_autolut.io.tiff.page_series import page_series

FIRST_PAGE = 4
"""Where a classic TIFF says where its first page is."""

_SETTING = r"^SI\.{}\s*=\s*(.*)$"


def settings(page: TiffPage, name: str) -> list[float]:
    """Finite numbers of a setting.

    Parameters
    ----------
    page : TiffPage
        The first page.
    name : str
        Of the setting, without the ``SI.`` before it.

    Returns
    -------
    list of float
        Empty where it is not there.
    """
    said = page.software or page.description
    found = re.search(_SETTING.format(re.escape(name)), said, re.M)
    words = re.split(r"[\[\];,\s]+", found[1]) if found else []
    numbers = (float(word) for word in words if re.fullmatch(r"-?[\d.]+(?:e[-+]?\d+)?", word))
    return [number for number in numbers if math.isfinite(number)]


def list_pages(tif: TiffFile) -> None:
    """List all pages as the file does; tifffile reckons them, and loses the last of a classic TIFF.

    Parameters
    ----------
    tif : TiffFile
        An open file whose list of pages was found good.
    """
    if tif.is_scanimage and not tif.is_bigtiff:
        tif.filehandle.seek(FIRST_PAGE)
        tif.pages = TiffPages(tif)


def averaged_frames(page: TiffPage) -> int:
    """How many frames were averaged to each that was saved."""
    found = settings(page, "hScan2D.logAverageFactor")
    return max(1, int(found[0])) if found else 1


def with_volumes(series: TiffPageSeries) -> TiffPageSeries:
    """Part frames, slices and volumes as ScanImage saved them; tifffile knows no averaged ones.

    Parameters
    ----------
    series : TiffPageSeries
        Of any file.

    Returns
    -------
    TiffPageSeries
        The same where it is not ScanImage's; channels of pages in a row where the settings do not
        make up all of them.
    """
    if series.kind != "scanimage":
        return series
    page, pages = series.keyframe.aspage(), list(series.pages)
    lengths = _lengths(page, len(pages))
    shape, axes = (*lengths.values(), *page.shape), "".join(lengths)
    return page_series(pages, shape, series.dtype, f"{axes}{page.axes}", kind="scanimage")


def _lengths(page: TiffPage, count: int) -> dict[str, int]:
    """Lengths of the axes of so many pages, the outermost first."""
    channels = len(settings(page, "hChannels.channelSave"))
    channels = 1 if channels == 0 or count % channels else channels
    in_a_row = {"I": count // channels, "C": channels}
    slices = settings(page, "hStackManager.actualNumSlices")
    slices = slices or settings(page, "hStackManager.numSlices") or [1.0]
    # Infinite while it runs until it is stopped, which is no number here.
    frames = settings(page, "hStackManager.framesPerSlice")
    depth = int(slices[0])
    if depth < 1 or count % (depth * channels):
        return in_a_row
    if depth == 1:
        return {"T": count // channels, "C": channels}
    saved, rest = divmod(int(frames[0]), averaged_frames(page)) if frames else (0, 0)
    if saved < 1 or rest or count % (saved * depth * channels):
        return in_a_row
    volumes = count // (saved * depth * channels)
    if saved == 1:
        return {"T": volumes, "Z": depth, "C": channels}
    around = {"A": volumes} if volumes > 1 else {}  # T are the frames of a slice
    return {**around, "Z": depth, "T": saved, "C": channels}

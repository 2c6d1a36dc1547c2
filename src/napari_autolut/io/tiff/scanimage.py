"""How ScanImage's pages lie along axes: volume by volume, slice by slice, channel by channel.

Belongs here: which pages there are, and what its settings say of their axes. Sizes and times are
``light_microscopes.py``.
"""

from __future__ import annotations

import math
import re

from tifffile import TiffFile, TiffPage, TiffPages, TiffPageSeries

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


def with_volumes(series: TiffPageSeries) -> TiffPageSeries:
    """Part volumes that follow one another in time, which tifffile takes for slices of one.

    Parameters
    ----------
    series : TiffPageSeries
        Of any file.

    Returns
    -------
    TiffPageSeries
        The same where it is not ScanImage's, or the settings do not make up its pages.
    """
    if series.kind != "scanimage":
        return series
    page, pages = series.keyframe.aspage(), list(series.pages)
    channels = len(settings(page, "hChannels.channelSave"))
    slices = settings(page, "hStackManager.actualNumSlices")
    slices = slices or settings(page, "hStackManager.numSlices") or [1.0]
    frames = settings(page, "hStackManager.framesPerSlice")  # inf while it runs until it is stopped
    depth, several = int(slices[0]), bool(frames) and frames[0] != 1
    whole = depth > 0 and channels > 0 and len(pages) % (depth * channels) == 0
    if not whole or several or (depth > 1 and not frames):
        return series
    volumes = len(pages) // (depth * channels)
    shape = (volumes, depth, channels, *page.shape)
    return TiffPageSeries(pages, shape, series.dtype, f"TZC{page.axes}", kind="scanimage")

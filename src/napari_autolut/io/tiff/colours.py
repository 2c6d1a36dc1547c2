"""What the samples of a TIFF page mean: greys, colours, inks, palettes, alpha.

Belongs here: from decoded samples to intensities, as greys, RGB, RGBA (alpha straight) or channels.
Decoding and the names of axes are in ``reading.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC, TiffPage

from napari_autolut.io.tiff.signed_bits import is_signed_bits
from napari_autolut.io.tiff.ycbcr import is_ycbcr, rgb_of_ycbcr

COLOURS: dict[int, int] = {
    PHOTOMETRIC.MINISWHITE: 1,
    PHOTOMETRIC.MINISBLACK: 1,
    PHOTOMETRIC.PALETTE: 1,
    PHOTOMETRIC.MASK: 1,
    PHOTOMETRIC.RGB: 3,
    PHOTOMETRIC.YCBCR: 3,
    PHOTOMETRIC.SEPARATED: 4,
}
"""Photometric interpretations that are understood, and how many samples carry the colour."""

STRAIGHT, PREMULTIPLIED = EXTRASAMPLE.UNASSALPHA, EXTRASAMPLE.ASSOCALPHA

PHOTOMETRIC_TAG, INK_SET_TAG, CMYK = 262, 332, 1

FAX = (COMPRESSION.CCITTRLE, COMPRESSION.CCITT_T4, COMPRESSION.CCITT_T6)

PIXELS_AT_ONCE = 2**20
"""How many pixels are converted together."""

Convert = Callable[[NDArray[Any]], NDArray[Any]]


class ColourError(ValueError):
    """Samples that cannot be made greys or colours; the message says what they are."""


class Samples(NamedTuple):
    """What is said of the samples of a page."""

    page: TiffPage
    photometric: int

    @property
    def colours(self) -> int:
        """How many samples carry the colour."""
        return COLOURS[self.photometric]

    @property
    def bits(self) -> int:
        """Bits of a sample; those of different length come in bytes."""
        return self.page.bitspersample if isinstance(self.page.bitspersample, int) else 8

    @property
    def ycbcr(self) -> bool:
        """Whether decoded samples are luma and colour differences."""
        return is_ycbcr(self.page)

    def extras(self, count: int) -> list[int]:
        """Kinds of the samples that are no colours; a fourth one of RGB is alpha if not said."""
        found = [int(kind) for kind in self.page.extrasamples or ()][:count]
        if not found and count == 1 and self.photometric == PHOTOMETRIC.RGB:
            return [STRAIGHT]
        return found + [EXTRASAMPLE.UNSPECIFIED] * (count - len(found))


def samples_of(page: TiffPage, *, tables_are_display: bool = False) -> Samples:
    """Say what the samples of a page are.

    Parameters
    ----------
    page : TiffPage
        The page.
    tables_are_display : bool, default False
        Colour maps and inversion only say how intensities are shown, as in ImageJ.

    Returns
    -------
    Samples
        With the photometric interpretation to go by.

    Raises
    ------
    ColourError
        If they are not understood.
    """
    photometric = page.photometric
    if PHOTOMETRIC_TAG not in page.tags:  # not said: as libtiff and ImageJ take it
        photometric = PHOTOMETRIC.MINISBLACK if page.samplesperpixel < 3 else PHOTOMETRIC.RGB
    if photometric not in COLOURS:
        name = getattr(photometric, "name", f"unknown ({photometric})")
        raise ColourError(f"found {name} colours, expected greys or RGB; convert it")
    kind = page.dtype.kind if page.dtype else "i" if is_signed_bits(page) else ""
    if not kind or (page.bitspersample == 24 and kind != "f"):
        # Programs store whole numbers of 24 bits in either order of bytes.
        found = f"{page.bitspersample} bits of sample format {page.sampleformat}"
        raise ColourError(f"found {found} a sample, expected integers or floats; convert it")
    if page.compression in FAX and page.bitspersample != 1:
        raise ColourError(
            f"found {page.bitspersample} bits a sample compressed for fax, expected 1; convert it"
        )
    shown = photometric in (PHOTOMETRIC.PALETTE, PHOTOMETRIC.MINISWHITE)
    grey = tables_are_display and shown
    return Samples(page, PHOTOMETRIC.MINISBLACK if grey else photometric)


def is_as_stored(samples: Samples) -> bool:
    """Whether the values in the file are the image's, so that they can stay there."""
    page = samples.page
    plain = samples.photometric in (PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.RGB) and not samples.ycbcr
    whole = (
        page.dtype is not None
        and page.dtype.kind in "uif"
        and samples.bits == 8 * page.dtype.itemsize
    )
    extras = samples.extras(page.samplesperpixel - samples.colours)
    return plain and whole and (not extras or (samples.colours > 1 and extras == [STRAIGHT]))


def intensities(data: NDArray[Any], axes: str, samples: Samples) -> tuple[NDArray[Any], str]:
    """Turn samples into intensities.

    Parameters
    ----------
    data : ndarray
        As tifffile decodes them.
    axes : str
        Their axes; ``S`` are the samples.
    samples : Samples
        What the file says of them.

    Returns
    -------
    data : ndarray
        Greys, RGB or RGBA with straight alpha, or samples that belong to no colour as channels.
        Fewer than eight bits are stretched to eight; more keep their values.
    axes : str
        With ``S`` last for colours, and ``C`` before rows for channels.
    """
    named_samples = "S" in axes
    if named_samples:
        data = np.moveaxis(data, axes.index("S"), -1)
        axes = axes.replace("S", "")
    else:
        data = data[..., np.newaxis]
    colours, kind = samples.colours, samples.photometric
    if data.shape[-1] < colours and not named_samples:
        return data[..., 0], axes  # samples that its description calls slices, frames or channels
    inks = kind == PHOTOMETRIC.SEPARATED
    if data.shape[-1] < colours or (inks and samples.page.tags.valueof(INK_SET_TAG, CMYK) != CMYK):
        return _as_channels(data, axes)
    extras = samples.extras(data.shape[-1] - colours)
    padding = _is_padding(data[..., colours:], extras)
    if extras and not padding and extras not in ([STRAIGHT], [PREMULTIPLIED]):
        return _as_channels(_stretched(data, samples.bits), axes)
    if extras and is_as_stored(samples):
        return data, f"{axes}S"
    colour = _colours(data[..., :colours], samples)
    if padding or not extras:
        return (colour[..., 0], axes) if colour.shape[-1] == 1 else (colour, f"{axes}S")
    if colour.shape[-1] == 1:
        colour = colour[..., [0, 0, 0]]
    alpha = _stretched(data[..., colours:], samples.bits)
    if colour.dtype != alpha.dtype:  # a palette's colours have bits of their own
        full, own = (np.iinfo(each.dtype).max for each in (alpha, colour))
        alpha = (alpha.astype(np.uint64) * own // full).astype(colour.dtype)
    straight = _unmultiplied(colour, alpha) if extras == [PREMULTIPLIED] else colour
    return np.concatenate([straight, alpha], -1), f"{axes}S"


def _is_padding(extra: NDArray[Any], kinds: list[int]) -> bool:
    """Whether a sample of no meaning has no values either."""
    return kinds == [EXTRASAMPLE.UNSPECIFIED] and bool((extra == extra.flat[0]).all())


def _as_channels(data: NDArray[Any], axes: str) -> tuple[NDArray[Any], str]:
    row = axes.index("Y")
    if "C" not in axes:
        return np.moveaxis(data, -1, row), f"{axes[:row]}C{axes[row:]}"
    channel = axes.index("C")
    merged = np.moveaxis(data, -1, channel + 1)
    shape = merged.shape
    joined = (*shape[:channel], shape[channel] * shape[channel + 1], *shape[channel + 2 :])
    return merged.reshape(joined), axes


def _colours(data: NDArray[Any], samples: Samples) -> NDArray[Any]:
    match samples.photometric:
        case PHOTOMETRIC.PALETTE if samples.page.colormap is not None:
            return _looked_up(data[..., 0], samples.page.colormap)
        case PHOTOMETRIC.MINISWHITE:
            return _stretched(_inverted(data, samples.bits), samples.bits)
        case PHOTOMETRIC.SEPARATED:
            return _in_parts(_rgb_of_cmyk, _stretched(data, samples.bits))
        case _ if samples.ycbcr:
            return _in_parts(lambda part: rgb_of_ycbcr(part, samples.page), data)
        case _:
            return _stretched(data, samples.bits)


def _stretched(data: NDArray[Any], bits: int) -> NDArray[Any]:
    """Make bytes of fewer than eight bits: the brightest value becomes 255."""
    if data.dtype == np.bool_:
        return data.astype(np.uint8) * np.uint8(255)
    if data.dtype != np.uint8 or bits >= 8:
        return data
    table = np.rint(np.arange(256) * (255 / (2**bits - 1))).clip(0, 255).astype(np.uint8)
    return np.take(table, data)


def _inverted(data: NDArray[Any], bits: int) -> NDArray[Any]:
    """Make white what is zero."""
    if data.dtype.kind == "u":
        return np.asarray(data.dtype.type(2**bits - 1) - data)
    if data.dtype.kind in "bi":
        return np.asarray(~data)
    finite = data[np.isfinite(data)]
    low, high = (finite.min(), finite.max()) if finite.size else (0, 1)
    # Floats name no white: it is 1 where they keep to 0..1, else they are mirrored in their range.
    white = 1 if low >= 0 and high <= 1 else low + high
    return np.asarray(data.dtype.type(white) - data)


def _looked_up(indices: NDArray[Any], colormap: NDArray[np.uint16]) -> NDArray[Any]:
    """Look palette indices up in the (3, 2 ** bits) colour map."""
    # The standard scales entries of 8 bits to 16, by 257; some writers do by 256, others do not.
    high = colormap >> 8
    if colormap.max() < 256:
        colours = colormap.astype(np.uint8)
    elif any((colormap == high * np.uint16(by)).all() for by in (256, 257)):
        colours = high.astype(np.uint8)
    else:
        colours = np.asarray(colormap)
    return np.take(colours.T, indices, axis=0)


def _rgb_of_cmyk(cmyk: NDArray[Any]) -> NDArray[Any]:
    """Take each ink as a filter of the light that is left by black."""
    full = np.iinfo(cmyk.dtype).max if cmyk.dtype.kind == "u" else 1.0
    light = full - cmyk.astype(np.float64)
    rgb = light[..., :3] * light[..., 3:] / full
    return (np.rint(rgb) if cmyk.dtype.kind == "u" else rgb).astype(cmyk.dtype)


def _unmultiplied(colour: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    """Divide colours by their alpha; invisible ones become 0."""
    full = np.iinfo(colour.dtype).max if colour.dtype.kind in "ui" else 1.0
    result = np.empty(colour.shape, colour.dtype)
    for part, target, opacity in _parts(colour, result, alpha):
        opacity = opacity.astype(np.float64)
        scale = np.divide(full, opacity, out=np.zeros_like(opacity), where=opacity > 0)
        values = part * scale
        if colour.dtype.kind in "ui":
            values = np.rint(values).clip(0, full)
        target[...] = values
    return result


def _in_parts(convert: Convert, data: NDArray[Any]) -> NDArray[Any]:
    """Convert pixels to RGB, a few at a time."""
    result = np.empty((*data.shape[:-1], 3), data.dtype)
    for part, target in _parts(data, result):
        target[...] = convert(part)
    return result


def _parts(*arrays: NDArray[Any]) -> Iterator[tuple[NDArray[Any], ...]]:
    """Views of some (pixels, samples) of each array at a time; the arrays must be contiguous."""
    flat = [np.ascontiguousarray(array).reshape(-1, array.shape[-1]) for array in arrays]
    for start in range(0, len(flat[0]), PIXELS_AT_ONCE):
        yield tuple(array[start : start + PIXELS_AT_ONCE] for array in flat)


def compression_name(page: TiffPage) -> str:
    """Name of the compression of a page, as people write it; empty for none."""
    if page.compression == COMPRESSION.NONE:
        return ""
    try:
        name = COMPRESSION(page.compression).name
    except ValueError:
        return f"unknown compression {int(page.compression)}"
    return {"JPEG2000": "JPEG 2000", "JPEGXL": "JPEG XL", "ADOBE_DEFLATE": "deflate"}.get(
        name, name.replace("_", " ")
    )

"""What a folder, or a pair of folders, holds to learn from, for a window.

Belongs here: what was found and skipped so far, thumbnails, and both in words; no Qt and no torch.
Not here: which files count and why others are skipped (``images.py``, ``planes.py``), which the
trainer asks as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io import FileImage, FileImages, ImageFile, images_of, images_of_pair
from napari_autolut.training.images import (
    IN_PART,
    READ_ERRORS,
    image_files,
    pair_files,
    pair_scale,
    skip_reason,
)
from napari_autolut.training.planes import Channels, channels, whole_channels
from napari_autolut.util.paths import name_within
from napari_autolut.util.text import counted

if TYPE_CHECKING:
    from napari_autolut.training.likeness import Likeness, Signature

THUMBNAIL = 72
"""Pixels of a thumbnail's longer side."""

MAP_ABOVE = 2**28
"""Bytes of a file's pixels from which on they are looked at where they lie."""


@dataclass(frozen=True, eq=False)
class FoundImage:
    """An image that can be learned from.

    Parameters
    ----------
    name : str
        Path below the folder, or name of the layer.
    size : tuple of int
        Rows and columns.
    planes : int
        Slices times colours.
    dtype : str
        Of its pixels.
    thumbnail : ndarray of uint8, shape (h, w) or (h, w, 3)
        The middle slice, small.
    scale : int, optional
        Of a pair: rows of the HR image over those of the LR image. None for one image.
    file, lr : FileImage, optional
        Where it lies, and of a pair where its LR image does. None for an open layer.
    slices : int, default 1
        Slices or frames, along the longest axis of them.
    """

    name: str
    size: tuple[int, int]
    planes: int
    dtype: str
    thumbnail: NDArray[np.uint8]
    scale: int | None = None
    file: FileImage | None = None
    lr: FileImage | None = None
    slices: int = 1


@dataclass
class Findings:
    """What was found so far; it grows while a folder is looked through."""

    total: int = 0
    done: int = 0
    images: list[FoundImage] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def scale(self) -> int | None:
        """The scale of pairs, which is the same for all of them; None where it is free."""
        scales = Counter(image.scale for image in self.images)
        return scales.most_common(1)[0][0] if scales else None

    def usable(self, min_side: int) -> list[FoundImage]:
        """Images that have at least so many rows and columns."""
        return [image for image in self.images if min(image.size) >= min_side]


Steps = Generator[Findings, None, Findings]


def find_images(folder: Path) -> Steps:
    """Look through a folder and those below it, or one file; yields what was found so far.

    Raises
    ------
    TrainingDataError
        if there is no such folder, or no image file in it
    """
    from napari_autolut.training.likeness import likeness  # takes its time to import

    skipped: dict[str, str] = {}
    files = image_files(folder, skipped)
    findings = Findings(total=len(files), skipped=skipped)
    signatures: list[Signature] = []
    for path in files:
        name = name_within(folder, path)
        try:
            found = images_of(path, folder)
        except READ_ERRORS as error:
            findings.skipped[name] = skip_reason(error, path)
        else:
            signatures += _look_at(found, findings)
        findings.done += 1
        yield findings
    _skip_copies(findings, likeness(signatures))
    return findings


def _look_at(found: FileImages, findings: Findings) -> Iterator[Signature]:
    """Add the images of a file, or why they are skipped; gives the signatures of those added."""
    from napari_autolut.training.likeness import signature

    if found.remark:
        findings.skipped[found.file_name] = IN_PART + found.remark
    for each in found.images:
        try:
            image = each.read(MAP_ABOVE)
            usable = channels(image)
            findings.images.append(_found(each, image, usable))
            if usable.remark:
                findings.skipped[each.name] = IN_PART + usable.remark
            yield signature(usable.flat[0])
        except READ_ERRORS as error:
            findings.skipped[each.name] = skip_reason(error, each.path)


def find_pairs(hr_folder: Path, lr_folder: Path) -> Steps:
    """Look for HR images with LR images of a like name in another folder.

    Raises
    ------
    TrainingDataError
        if there is no such folder, or no pair in them
    """
    files, skipped = pair_files(hr_folder, lr_folder)
    findings = Findings(total=len(files), skipped=skipped)
    for hr_path, lr_path in files.items():
        name = name_within(hr_folder, hr_path)
        try:
            pairs = images_of_pair(hr_path, hr_folder, lr_path, lr_folder)
        except READ_ERRORS as error:
            findings.skipped[name] = skip_reason(error, hr_path)
        else:
            for pair in pairs:
                _look_at_pair(*pair, findings)
        findings.done += 1
        yield findings
    _keep_one_scale(findings)
    return findings


def _look_at_pair(hr_image: FileImage, lr_image: FileImage, findings: Findings) -> None:
    try:
        hr, lr = hr_image.read(MAP_ABOVE), lr_image.read(MAP_ABOVE)
        usable, _ = whole_channels(hr), whole_channels(lr)
        scale = pair_scale(_size(hr), _size(lr))
        findings.images.append(_found(hr_image, hr, usable, scale=scale, lr=lr_image))
    except READ_ERRORS as error:
        findings.skipped[hr_image.name] = skip_reason(error, hr_image.path)


def _skip_copies(findings: Findings, alike: Likeness) -> None:
    images = findings.images
    findings.images = [
        image for image, first in zip(images, alike.copy_of, strict=True) if first is None
    ]
    findings.skipped |= copies_text([image.name for image in images], alike.copy_of)


def copies_text(names: Sequence[str], copy_of: Sequence[int | None]) -> dict[str, str]:
    """Say of each file that shows the same as an earlier one that it does."""
    return {
        name: f"shows the same as {names[first]}"
        for name, first in zip(names, copy_of, strict=True)
        if first is not None
    }


def _keep_one_scale(findings: Findings) -> None:
    scale = findings.scale
    for image in [image for image in findings.images if image.scale != scale]:
        findings.images.remove(image)
        findings.skipped[image.name] = f"a scale of {image.scale}, where most have {scale}"


def _size(image: ImageFile) -> tuple[int, int]:
    rows, columns = image.spatial_axes
    return image.data.shape[rows], image.data.shape[columns]


def _found(file: FileImage, image: ImageFile, usable: Channels, **of_a_pair: Any) -> FoundImage:
    return FoundImage(
        name=file.name,
        file=file,
        size=usable.size,
        planes=len(usable.slice_numbers),
        dtype=str(image.data.dtype),
        thumbnail=thumbnail(image.data, image.spatial_axes, image.rgb),
        slices=int(usable.slices.max()) + 1 if usable.slices.size else 1,
        **of_a_pair,
    )


def thumbnail(data: Any, spatial_axes: tuple[int, int], rgb: bool) -> NDArray[np.uint8]:
    """Draw the middle slice, small: (h, w) stretched over its values, or (h, w, 3)."""
    kept = {*spatial_axes, *((data.ndim - 1,) if rgb else ())}
    rows, columns = spatial_axes
    step = max(1, -(-max(data.shape[rows], data.shape[columns]) // THUMBNAIL))
    index: list[Any] = [
        slice(None) if axis in kept else size // 2 for axis, size in enumerate(data.shape)
    ]
    index[rows] = index[columns] = slice(step // 2, None, step)
    plane = np.asarray(data[tuple(index)])[..., :3] if rgb else np.asarray(data[tuple(index)])
    return displayed(plane, stretch=not (rgb and plane.dtype == np.uint8))


def displayed(plane: NDArray[Any], *, stretch: bool = True) -> NDArray[np.uint8]:
    """Pixels as a screen shows them: all but the brightest, from black to white; NaN is black."""
    if not stretch:
        return np.ascontiguousarray(plane, np.uint8)
    values = plane.astype(np.float32)
    finite = values[np.isfinite(values)]
    low, high = map(float, np.percentile(finite, (0.1, 99.8))) if finite.size else (0.0, 0.0)
    scaled = (values - low) * (255 / (high - low)) if high > low else np.zeros_like(values)
    return np.ascontiguousarray(np.nan_to_num(scaled).clip(0, 255), np.uint8)


# --- in words ----------------------------------------------------------------------------------


def summary_text(findings: Findings) -> str:
    """Count, type, size and amount: ``12 images, 16 bits, 512 x 512 px, 3.1 million pixels``.

    Stacks are counted with their slices: ``1 image (20 slices)``.
    """
    images = findings.images
    if not images:
        return "No image that can be used"
    what = "pair" if images[0].scale is not None else "image"
    pixels = sum(image.size[0] * image.size[1] * image.planes for image in images)
    slices = sum(image.slices for image in images)
    of_slices = f" ({counted(slices, 'slice')})" if slices > len(images) else ""
    parts = [
        counted(len(images), what) + of_slices,
        " and ".join(sorted({depth_text(image.dtype) for image in images})),
        _sizes_text([image.size for image in images]),
        f"{pixels / 1e6:.3g} million pixels",
    ]
    if images[0].scale is not None:
        parts.insert(1, f"scale {findings.scale}")
    return ", ".join(parts)


def depth_text(dtype: str) -> str:
    """``8 bits``, ``16 bits``, ``32-bit floats``."""
    kind = np.dtype(dtype)
    bits = 8 * kind.itemsize
    return f"{bits}-bit floats" if kind.kind == "f" else f"{bits} bits"


def _sizes_text(sizes: Sequence[tuple[int, int]]) -> str:
    times = "\N{MULTIPLICATION SIGN}"
    ordered = sorted(sizes, key=lambda size: size[0] * size[1])
    smallest, largest = (f"{columns} {times} {rows}" for rows, columns in (ordered[0], ordered[-1]))
    return f"{smallest} px" if smallest == largest else f"{smallest} to {largest} px"

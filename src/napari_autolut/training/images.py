"""What there is to learn from: the images of a folder, or pairs of two, looked through.

Belongs here: what was found, what was passed over and why, and that in words; no Qt and no torch.
The trainer reads the images again and has the last word, see ``autolut_training/data.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.files import READABLE_SUFFIXES, read_image
from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.pairing import match_pairs
from napari_autolut.training.choices import SCALES

THUMBNAIL = 72
"""Pixels of a thumbnail's longer side."""

MAP_ABOVE = 2**28
"""Bytes of a file's pixels from which on they are looked at where they lie."""


@dataclass(frozen=True, eq=False)
class FoundImage:
    """An image that can be learned from.

    Parameters
    ----------
    name : path below the folder
    size : rows and columns
    planes : slices times colours
    dtype : of its pixels
    thumbnail : uint8 (h, w) or (h, w, 3)
    scale : of a pair, rows of the sharp image over those of the small one; None for one image
    partner : of a pair, path of the small image below its folder
    files : how many files the trainer will find; a layer is cut into several
    least : rows or columns, whichever are fewer, of the smallest of these files
    """

    name: str
    size: tuple[int, int]
    planes: int
    dtype: str
    thumbnail: NDArray[np.uint8]
    scale: int | None = None
    partner: str | None = None
    files: int = 1
    least: int = 0

    def __post_init__(self) -> None:
        if not self.least:
            object.__setattr__(self, "least", min(self.size))


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

    @property
    def files(self) -> int:
        """How many files there are to learn from, if none is too small."""
        return sum(image.files for image in self.images)

    def usable(self, least: int) -> int:
        """How many files have at least so many rows and columns."""
        return sum(image.files for image in self.images if image.least >= least)


Steps = Generator[Findings, None, Findings]


def find_images(folder: Path) -> Steps:
    """Look through a folder and those below it; yields what was found so far.

    Raises
    ------
    FileNotFoundError
        if there is no such folder
    """
    files = _image_files(folder)
    findings = Findings(total=len(files))
    for path in files:
        name = str(path.relative_to(folder))
        try:
            findings.images.append(_found(name, read_image(path, memmap_above=MAP_ABOVE)))
        except (ImageFileError, OSError, MemoryError) as error:
            findings.skipped[name] = _reason(error, path)
        findings.done += 1
        yield findings
    return findings


def find_pairs(sharp: Path, small: Path) -> Steps:
    """Look for images in ``sharp`` with partners of a like name in ``small``.

    Raises
    ------
    FileNotFoundError
        if there is no such folder
    """
    ours, theirs = (
        {path.relative_to(folder).as_posix(): path for path in _image_files(folder)}
        for folder in (sharp, small)
    )
    together, alone = match_pairs(ours, theirs)
    findings = Findings(total=len(together), skipped=_left_over(alone, ours, sharp, small))
    for name, partner in together.items():
        path = ours[name]
        try:
            found = read_image(path, memmap_above=MAP_ABOVE)
            scale = _scale_of(path, found, read_image(theirs[partner], memmap_above=MAP_ABOVE))
            findings.images.append(replace(_found(name, found, scale), partner=partner))
        except (ImageFileError, OSError, MemoryError) as error:
            findings.skipped[name] = _reason(error, path)
        findings.done += 1
        yield findings
    _keep_one_scale(findings)
    return findings


def _left_over(
    alone: Mapping[str, str], ours: Container[str], sharp: Path, small: Path
) -> dict[str, str]:
    """Files without a partner, with the folder that each is in."""
    return {
        f"{(sharp if name in ours else small).name}/{name}": reason
        for name, reason in alone.items()
    }


def _image_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; choose a folder of images")
    found = (p for p in folder.rglob("*") if p.suffix.lower() in READABLE_SUFFIXES)
    return sorted(p for p in found if not p.name.startswith(".") and p.is_file())


def _scale_of(path: Path, sharp: ImageFile, small: ImageFile) -> int:
    (height, width), (rows, columns) = _size(sharp), _size(small)
    scale = height // rows
    if scale not in SCALES or (rows * scale, columns * scale) != (height, width):
        raise ImageFileError(
            path,
            f"{width} x {height} pixels, and its partner has {columns} x {rows}; expected 1, 2, 3 "
            "or 4 times as many a side",
        )
    return scale


def _keep_one_scale(findings: Findings) -> None:
    scale = findings.scale
    for image in [image for image in findings.images if image.scale != scale]:
        findings.images.remove(image)
        findings.skipped[image.name] = f"a scale of {image.scale}, where most have {scale}"


def _reason(error: BaseException, path: Path) -> str:
    """Why a file is passed over, without its name, which is said beside it."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.removeprefix(f"{path}: ")


def _size(image: ImageFile) -> tuple[int, int]:
    rows, columns = image.spatial_axes
    return image.data.shape[rows], image.data.shape[columns]


def _found(name: str, image: ImageFile, scale: int | None = None) -> FoundImage:
    data = image.data
    if data.dtype.kind == "f" and not np.isfinite(data).all():
        raise ImageFileError(name, "holds NaN or infinite values, expected finite ones")
    size = _size(image)
    return FoundImage(
        name=name,
        size=size,
        planes=data.size // (size[0] * size[1]),
        dtype=str(data.dtype),
        thumbnail=thumbnail(data, image.spatial_axes, image.rgb),
        scale=scale,
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
    """Pixels as a screen shows them: all but the brightest, from black to white."""
    if not stretch:
        return np.ascontiguousarray(plane, np.uint8)
    values = plane.astype(np.float32)
    low, high = (float(each) for each in np.percentile(values, (0.1, 99.8)))
    scaled = (values - low) * (255 / (high - low)) if high > low else np.zeros_like(values)
    return np.ascontiguousarray(np.clip(scaled, 0, 255), np.uint8)


# --- in words ----------------------------------------------------------------------------------


def summary_text(findings: Findings) -> str:
    """Count, type, size and amount: ``12 images, 16 bits, 512 x 512 px, 3.1 million pixels``."""
    images = findings.images
    if not images:
        return "No image that can be used"
    what = "pair" if images[0].scale is not None else "image"
    pixels = sum(image.size[0] * image.size[1] * image.planes for image in images)
    parts = [
        counted(len(images), what),
        " and ".join(sorted({depth_text(image.dtype) for image in images})),
        _sizes_text([image.size for image in images]),
        f"{pixels / 1e6:.3g} million pixels",
    ]
    if images[0].scale is not None:
        parts.insert(1, f"scale {findings.scale}")
    return ", ".join(parts)


def counted(count: int, what: str) -> str:
    """``1 image``, ``2 images``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def depth_text(dtype: str) -> str:
    """``8 bits``, ``16 bits``, ``32-bit floats``."""
    kind = np.dtype(dtype)
    bits = 8 * kind.itemsize
    return f"{bits}-bit floats" if kind.kind == "f" else f"{bits} bits"


def _sizes_text(sizes: Sequence[tuple[int, int]]) -> str:
    times = "\N{MULTIPLICATION SIGN}"
    ordered = sorted(sizes, key=lambda size: size[0] * size[1])
    least, most = (f"{columns} {times} {rows}" for rows, columns in (ordered[0], ordered[-1]))
    return f"{least} px" if least == most else f"{least} to {most} px"

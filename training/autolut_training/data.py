"""Training data: planes of HR images, their LR partners, and random crops of both.

Belongs here: reading a folder, splitting it by image, making LR images as the benchmarks do, and
cutting batches. Values are in [0, 255]; 8-bit images keep their values, others are mapped from
their own minimum and maximum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_autolut.bicubic import resize
from napari_autolut.imagefiles import READABLE_SUFFIXES, ImageFileError, read_image

Plane = NDArray[np.uint8] | NDArray[np.float32]


class TrainingDataError(ValueError):
    """A folder that cannot be trained on, with what was found and what is needed."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Planes of one image: HR (P, H * r, W * r) and LR (P, H, W), both in [0, 255]."""

    name: str
    hr: Plane
    lr: Plane


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and held-out images, and the files that were passed over with the reason."""

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    skipped: dict[str, str] = field(default_factory=dict)


def read_folder(
    folder: str | Path,
    scale: int,
    *,
    crop: int,
    held_out: float = 0.05,
    shrunk: Sequence[float] = (),
) -> Dataset:
    """Read every image below a folder and make LR partners by MATLAB's bicubic.

    Parameters
    ----------
    folder : searched recursively for PNG, JPEG, WebP, BMP and TIFF; stacks give a plane a slice
    scale : r; images are cropped to a multiple of it
    crop : smallest usable LR side in pixels
    held_out : part of the images (not of the crops) kept for validation, at least one
    shrunk : training images are also used shrunk to these parts of their size, if large enough

    Raises
    ------
    TrainingDataError
        if there is no such folder, or fewer than two usable images in it
    """
    root = Path(folder)
    if not root.is_dir():
        raise TrainingDataError(f"{root}: no such folder; expected a folder of images")
    files = sorted(p for p in root.rglob("*") if p.suffix.lower() in READABLE_SUFFIXES)
    pairs, skipped = [], {}
    for path in files:
        name = str(path.relative_to(root))
        try:
            pairs.append(_make_pair(name, _read_planes(path), scale, crop))
        except (ImageFileError, TrainingDataError) as error:
            skipped[name] = str(error)
    if len(pairs) < 2:
        reasons = "; ".join(f"{n}: {why}" for n, why in list(skipped.items())[:3])
        raise TrainingDataError(
            f"{root}: found {len(pairs)} usable images among {len(files)} image files, expected "
            f"at least 2 (one is held out to measure with)" + (f"; {reasons}" if reasons else "")
        )
    kept = max(1, round(len(pairs) * held_out))
    order = np.random.default_rng(0).permutation(len(pairs))
    train = [pairs[i] for i in sorted(order[kept:])]
    parts = [Fraction(part).limit_denominator(16) for part in shrunk]
    smaller = [_shrunk(pair, part, scale, crop) for pair in train for part in parts]
    return Dataset(
        train=(*train, *(pair for pair in smaller if pair is not None)),
        held_out=tuple(pairs[i] for i in sorted(order[:kept])),
        skipped=skipped,
    )


def _read_planes(path: Path) -> NDArray[np.generic]:
    """(P, H, W): colours (alpha left out) and slices as planes, in the file's own type."""
    image = read_image(path)
    colours = image.data[..., :3] if image.rgb else image.data
    planes = np.moveaxis(colours, image.spatial_axes, (-2, -1))
    return planes.reshape(-1, *planes.shape[-2:])


def _make_pair(name: str, planes: NDArray[np.generic], scale: int, crop: int) -> Pair:
    """Crop HR to whole blocks and make its LR; ``planes`` are (P, H, W) of any real type."""
    return _paired(name, _to_range(planes), scale, crop)


def _paired(name: str, planes: Plane, scale: int, crop: int) -> Pair:
    height, width = (size - size % scale for size in planes.shape[1:])
    if min(height, width) < crop * scale:
        raise TrainingDataError(
            f"{planes.shape[2]} x {planes.shape[1]} pixels, "
            f"expected at least {crop * scale} x {crop * scale}"
        )
    hr = planes[:, :height, :width]
    lr: Plane = resize(hr, Fraction(1, scale), axes=(1, 2))
    return Pair(name, hr, lr)


def _shrunk(pair: Pair, part: Fraction, scale: int, crop: int) -> Pair | None:
    """The same image with finer detail for its size; None where too little of it would be left."""
    planes: Plane = resize(pair.hr, part, axes=(1, 2))
    if min(planes.shape[1:]) < (crop + 1) * scale:
        return None
    return _paired(f"{pair.name} at {part}", planes, scale, crop)


def _to_range(planes: NDArray[np.generic]) -> Plane:
    if planes.dtype == np.uint8:
        return planes.astype(np.uint8)
    values = planes.astype(np.float64)
    if not np.isfinite(values).all():
        raise TrainingDataError("holds NaN or infinite values, expected finite ones")
    low, high = values.min(), values.max()
    if low == high:
        raise TrainingDataError(f"every pixel is {low}, expected an image")
    scaled: Plane = ((values - low) * (255 / (high - low))).astype(np.float32)
    return scaled


@dataclass
class CropSampler:
    """Random crops of random planes, flipped and turned; the same seed gives the same crops.

    ``varied`` is the part of the crops whose intensities are changed, see :meth:`_intensities`.
    """

    pairs: Sequence[Pair]
    scale: int
    crop: int
    random: np.random.Generator
    varied: float = 0.0

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """(N, 1, crop, crop) LR and (N, 1, crop * r, crop * r) HR, float32 in [0, 255]."""
        crops = [self._crop() for _ in range(count)]
        lr, hr = (np.stack(side)[:, None] for side in zip(*crops, strict=True))
        return torch.from_numpy(lr), torch.from_numpy(hr)

    def _intensities(self) -> tuple[np.float32, np.float32]:
        """Gain and offset of a crop: as it is, fainter, and each of them as its negative.

        A table knows absolute intensities; an edge is an edge at any of them. Without this the
        rarer rows learn single training pixels by heart.
        """
        gain, offset = 1.0, 0.0
        if self.random.random() < self.varied:
            gain = self.random.uniform(0.3, 1.0)
            offset = self.random.uniform(0, 255 * (1 - gain))
            if self.random.random() < 0.5:
                gain, offset = -gain, 255 - offset
        return np.float32(gain), np.float32(offset)

    def _crop(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        # Of two candidates the livelier one: flat crops teach a table nothing.
        first, second = self._candidate(), self._candidate()
        lr, hr = first if first[0].std() > second[0].std() else second
        if self.random.random() < 0.5:
            lr, hr = lr[::-1], hr[::-1]
        if self.random.random() < 0.5:
            lr, hr = lr.T, hr.T
        gain, offset = self._intensities()
        return gain * lr.astype(np.float32) + offset, gain * hr.astype(np.float32) + offset

    def _candidate(self) -> tuple[Plane, Plane]:
        pair = self.pairs[int(self.random.integers(len(self.pairs)))]
        planes, height, width = pair.lr.shape
        p = self.random.integers(planes)
        y, x = (self.random.integers(size - self.crop + 1) for size in (height, width))
        r, side = self.scale, self.crop
        return (
            pair.lr[p, y : y + side, x : x + side],
            pair.hr[p, y * r : (y + side) * r, x * r : (x + side) * r],
        )

"""Training data: planes of HR images and their LR partners.

Belongs here: reading a folder, splitting it by image, pairing. How LR is made is in
``degradation.py``, cutting batches in ``crops.py``. Values are in [0, 255]; 8-bit images keep
their values, others are mapped from their own minimum and maximum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autolut_training.degradation import Degradation
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
    """Training and held-out images, and the files that were passed over with the reason.

    ``shrunk`` are training images once more, at a part of their size.
    """

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    shrunk: tuple[Pair, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)


def read_folder(
    folder: str | Path,
    scale: int,
    *,
    crop: int,
    degradation: Degradation | None = None,
    held_out: float = 0.05,
    shrunk: Sequence[float] = (),
) -> Dataset:
    """Read every image below a folder and make the LR partners.

    Parameters
    ----------
    folder : searched recursively for PNG, JPEG, WebP, BMP and TIFF; stacks give a plane a slice
    scale : r; images are cropped to a multiple of it
    crop : smallest usable LR side in pixels
    degradation : how LR is made of HR (noise comes later, with the crops); MATLAB's bicubic
    held_out : part of the images (not of the crops) kept for validation, at least one
    shrunk : training images are also used shrunk to these parts of their size, if large enough

    Raises
    ------
    TrainingDataError
        if there is no such folder, or fewer than two usable images in it
    """
    maker = PairMaker(scale, crop, degradation or Degradation())
    root = Path(folder)
    if not root.is_dir():
        raise TrainingDataError(f"{root}: no such folder; expected a folder of images")
    files = sorted(p for p in root.rglob("*") if p.suffix.lower() in READABLE_SUFFIXES)
    pairs, skipped = [], {}
    for path in files:
        name = str(path.relative_to(root))
        try:
            pairs.append(maker.pair(name, _to_range(_read_planes(path))))
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
    smaller = [maker.shrunk(pair, part) for pair in train for part in parts]
    return Dataset(
        train=tuple(train),
        held_out=tuple(pairs[i] for i in sorted(order[:kept])),
        shrunk=tuple(pair for pair in smaller if pair is not None),
        skipped=skipped,
    )


def _read_planes(path: Path) -> NDArray[np.generic]:
    """(P, H, W): colours (alpha left out) and slices as planes, in the file's own type."""
    image = read_image(path)
    colours = image.data[..., :3] if image.rgb else image.data
    planes = np.moveaxis(colours, image.spatial_axes, (-2, -1))
    return planes.reshape(-1, *planes.shape[-2:])


@dataclass(frozen=True)
class PairMaker:
    """Makes LR partners: scale, smallest LR side in pixels, and degradation."""

    scale: int
    crop: int
    degradation: Degradation

    def pair(self, name: str, planes: Plane) -> Pair:
        """Crop HR (P, H, W) in [0, 255] to whole blocks and make its LR."""
        height, width = (size - size % self.scale for size in planes.shape[1:])
        least = self.crop * self.scale
        if min(height, width) < least:
            raise TrainingDataError(
                f"{planes.shape[2]} x {planes.shape[1]} pixels, expected at least {least} x {least}"
            )
        hr = planes[:, :height, :width]
        return Pair(name, hr, self.degradation.shrunk(hr, self.scale))

    def shrunk(self, pair: Pair, part: Fraction) -> Pair | None:
        """The same image with finer detail for its size; None where too little would be left."""
        planes: Plane = resize(pair.hr, part, axes=(1, 2))
        if min(planes.shape[1:]) < (self.crop + 1) * self.scale:
            return None
        return self.pair(f"{pair.name} at {part}", planes)


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

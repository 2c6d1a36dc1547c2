"""Training data: planes of HR and LR images.

Belongs here: reading a folder, splitting it by image, and what is to be said of it. How LR is made
and which files are read is in ``napari_autolut.training``, LR images that are there already in
``pairs.py``, cutting batches in ``crops.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np

from napari_autolut.arrays.bicubic import resize
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.images import (
    MIN_IMAGES,
    READ_ERRORS,
    TrainingDataError,
    image_files,
    skip_reason,
)
from napari_autolut.training.planes import Plane, read_planes

ENOUGH_IMAGES, ENOUGH_PIXELS = 10, 1_000_000


@dataclass(frozen=True, eq=False)
class Pair:
    """Planes of one image: HR (P, H * r, W * r) and LR (P, H, W), both in [0, 255]."""

    name: str
    hr: Plane
    lr: Plane


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and held-out images, and the files that were skipped with the reason.

    ``augmented`` are training images once more, at a fraction of their size, or with LR pixels that
    begin elsewhere; ``notes`` are sentences on what was found that a user should read.
    """

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    augmented: tuple[Pair, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_folder(
    folder: str | Path,
    scale: int,
    *,
    crop: int,
    degradation: Degradation | None = None,
    held_out: float = 0.05,
    multi_scale: Sequence[float] = (),
    sub_pixel_phases: int = 1,
) -> Dataset:
    """Read every image below a folder and make the LR images.

    Parameters
    ----------
    folder : str or Path
        Searched recursively for PNG, JPEG, WebP, BMP and TIFF; stacks give a plane a slice.
    scale : int
        Upscaling factor r; images are cropped to a multiple of it.
    crop : int
        Smallest usable LR side in pixels.
    degradation : Degradation, optional
        How LR is made of HR (noise comes later, with the crops); MATLAB's bicubic by default.
    held_out : float, default 0.05
        Fraction of the images (not of the crops) kept for validation, at least one.
    multi_scale : sequence of float, default ()
        Training images are also used at these fractions of their size, if large enough.
    sub_pixel_phases : int, default 1
        Along each axis, as many places where LR pixels of training images begin; no more than r
        are different.

    Raises
    ------
    TrainingDataError
        If there is no such folder, or fewer than two usable images in it.
    """
    maker = PairMaker(scale, crop, degradation or Degradation())
    root = Path(folder)
    files = image_files(root)
    pairs, skipped = [], {}
    for path in files:
        name = str(path.relative_to(root))
        try:
            pairs.append(maker.pair(name, read_planes(path)))
        except READ_ERRORS as error:
            skipped[name] = skip_reason(error, path)
    check_enough(root, pairs, len(files), skipped)
    train, kept = split(pairs, held_out)
    parts = [Fraction(part).limit_denominator(16) for part in multi_scale]
    smaller = [maker.downscaled(pair, part) for pair in train for part in parts]
    return Dataset(
        train=train,
        held_out=kept,
        augmented=(*(p for p in smaller if p is not None), *maker.moved(train, sub_pixel_phases)),
        skipped=skipped,
        notes=notes(train),
    )


def check_enough(
    folder: Path, pairs: Sequence[Pair], files: int, skipped: Mapping[str, str]
) -> None:
    """Refuse fewer than two usable images."""
    if not folder.is_dir():
        raise TrainingDataError(f"{folder}: vanished while its images were read")
    if len(pairs) >= MIN_IMAGES:
        return
    reasons = "; ".join(f"{name}: {why}" for name, why in list(skipped.items())[:3])
    raise TrainingDataError(
        f"{folder}: found {len(pairs)} usable images among {files} image files, expected "
        f"at least {MIN_IMAGES} (one is held out to measure with)"
        + (f"; {reasons}" if reasons else "")
    )


def split(pairs: Sequence[Pair], part: float) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Training and held-out images; the same images give the same parts."""
    kept = max(1, round(len(pairs) * part))
    order = np.random.default_rng(0).permutation(len(pairs))
    train, held_out = (tuple(pairs[i] for i in sorted(n)) for n in (order[kept:], order[:kept]))
    return train, held_out


def pixels_of(pairs: Sequence[Pair]) -> int:
    """Pixels of all planes of the large images."""
    return sum(pair.hr.size for pair in pairs)


def notes(train: Sequence[Pair]) -> tuple[str, ...]:
    """What is to be expected of so many training images, where they are few."""
    pixels = pixels_of(train)
    if len(train) >= ENOUGH_IMAGES and pixels >= ENOUGH_PIXELS:
        return ()
    images = "1 image" if len(train) == 1 else f"{len(train)} images"
    return (
        f"This is little to learn from: {images} with {pixels / 1e6:.2g} million pixels. Expect a "
        f"table for images just like these, and rough figures; {ENOUGH_IMAGES} images and a "
        "million pixels are a good beginning.",
    )


@dataclass(frozen=True)
class PairMaker:
    """Makes LR images: scale, smallest LR side in pixels, and degradation."""

    scale: int
    crop: int
    degradation: Degradation

    def pair(self, name: str, planes: Plane) -> Pair:
        """Crop HR (P, H, W) in [0, 255] to whole blocks and make its LR."""
        height, width = (size - size % self.scale for size in planes.shape[1:])
        check_size(planes, self.crop * self.scale)
        hr = planes[:, :height, :width]
        return Pair(name, hr, self.degradation.downscale(hr, self.scale))

    def downscaled(self, pair: Pair, part: Fraction) -> Pair | None:
        """The same image with finer detail for its size; None where too little would be left."""
        planes: Plane = resize(pair.hr, part, axes=(1, 2))
        if min(planes.shape[1:]) < (self.crop + 1) * self.scale:
            return None
        return self.pair(f"{pair.name} at {part}", planes)

    def moved(self, pairs: Sequence[Pair], phases: int) -> Iterator[Pair]:
        """The same images without their first rows and columns: other LR pixels of the same HR."""
        steps = sorted({number * self.scale // phases for number in range(phases)})
        for down, right in list(product(steps, steps))[1:]:
            for pair in pairs:
                planes = pair.hr[:, down:, right:]
                if min(planes.shape[1:]) >= self.crop * self.scale:
                    yield self.pair(f"{pair.name} from {down}, {right}", planes)


def check_size(planes: Plane, least: int) -> None:
    """Refuse planes with fewer rows or columns than a crop has."""
    _, height, width = planes.shape
    if min(height, width) < least:
        raise TrainingDataError(f"{width} x {height} pixels, expected at least {least} x {least}")

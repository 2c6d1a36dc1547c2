"""Training data: planes of HR and LR images.

Belongs here: reading a folder, and what is to be said of it. How LR is made and which files are
read is in ``napari_autolut.training``, what is held out in ``parts.py``. LR images that are there
already are in ``pairs.py``, cutting batches in ``crops.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from pathlib import Path

from autolut_training.data.parts import Pair, check_size, pixels_of, split
from napari_autolut.arrays import resize
from napari_autolut.engine.threads import thread_count
from napari_autolut.io import FileImage, images_of
from napari_autolut.training.blank import is_noise
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.images import (
    IN_PART,
    READ_ERRORS,
    TrainingDataError,
    image_files,
    skip_reason,
)
from napari_autolut.training.planes import Plane, Planes, read_planes
from napari_autolut.util.paths import name_within
from napari_autolut.util.text import counted, first_names

ENOUGH_IMAGES, ENOUGH_PIXELS = 10, 1_000_000


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

    @property
    def parts(self) -> bool:
        """Whether a part of each image is held out, and no whole images are."""
        learned, held_out = ({pair.name for pair in side} for side in (self.train, self.held_out))
        return learned == held_out


def read_folder(
    folder: str | Path,
    scale: int,
    *,
    crop: int,
    degradation: Degradation | None = None,
    multi_scale: Sequence[float] = (),
    sub_pixel_phases: int = 1,
) -> Dataset:
    """Read every image below a folder and make the LR images.

    Parameters
    ----------
    folder : str or Path
        Searched recursively for PNG, JPEG, WebP, BMP and TIFF; stacks give a plane a slice,
        and every image of a file that holds several counts.
    scale : int
        Upscaling factor r; images are cropped to a multiple of it.
    crop : int
        Smallest usable LR side in pixels.
    degradation : Degradation, optional
        How LR is made of HR (noise comes later, with the crops); MATLAB's bicubic by default.
    multi_scale : sequence of float, default ()
        Training images are also used at these fractions of their size, if large enough.
    sub_pixel_phases : int, default 1
        Along each axis, as many places where LR pixels of training images begin; no more than r
        are different.

    Raises
    ------
    TrainingDataError
        If there is no such folder, or too little in it to learn from and to measure with.
    """
    maker = PairMaker(scale, crop, degradation or Degradation())
    root = Path(folder)
    skipped: dict[str, str] = {}
    files = image_files(root, skipped)
    pairs: list[Pair] = []
    # Decoders and numpy leave other threads alone; images stay in the order of their names.
    with ThreadPoolExecutor(thread_count()) as pool:
        for read, reasons in pool.map(lambda path: maker.file(path, root), files):
            pairs += read
            skipped |= reasons
    check_usable(root, len(pairs), len(files), skipped)
    parts = split(pairs, scale, crop)
    fractions = [Fraction(part).limit_denominator(16) for part in multi_scale]
    smaller = [maker.downscaled(pair, part) for pair in parts.train for part in fractions]
    moved = maker.moved(parts.train, sub_pixel_phases)
    return Dataset(
        train=parts.train,
        held_out=parts.held_out,
        augmented=(*(p for p in smaller if p is not None), *moved),
        skipped={**skipped, **parts.skipped},
        notes=(*parts.notes, *noise_note((*parts.train, *parts.held_out)), *notes(parts.train)),
    )


def check_usable(folder: Path, usable: int, files: int, skipped: Mapping[str, str]) -> None:
    """Refuse a folder without a usable image."""
    if not folder.exists():
        raise TrainingDataError(f"{folder}: vanished while its images were read")
    if usable:
        return
    reasons = "; ".join(f"{name}: {why}" for name, why in list(skipped.items())[:3])
    raise TrainingDataError(
        f"{folder}: found no usable image among {counted(files, 'image file')}, expected at least "
        f"1; {reasons}"
    )


def notes(train: Sequence[Pair]) -> tuple[str, ...]:
    """What is to be expected of so many training images, where they are few."""
    pixels = pixels_of(train)
    if len(train) >= ENOUGH_IMAGES and pixels >= ENOUGH_PIXELS:
        return ()
    images = counted(len(train), "image")
    return (
        f"This is little to learn from: {images} with {pixels / 1e6:.2g} million pixels. Expect a "
        f"table for images just like these, and rough figures; {ENOUGH_IMAGES} images of different "
        "places and a million pixels are a good beginning.",
    )


def noise_note(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Say which images show noise alone, as dark frames do, if any."""
    names = list(dict.fromkeys(pair.name for pair in pairs if is_noise(pair.hr)))
    if not names:
        return ()
    return (
        f"There is noise alone in {first_names(names)}: nothing can be learned there, and "
        "figures on it mean nothing. Take such images out.",
    )


@dataclass(frozen=True)
class PairMaker:
    """Makes LR images: scale, smallest LR side in pixels, and degradation."""

    scale: int
    crop: int
    degradation: Degradation

    def file(self, path: Path, root: Path) -> tuple[list[Pair], dict[str, str]]:
        """All images of a file below a folder, and why some are not used, by their names."""
        name = name_within(root, path)
        skipped: dict[str, str] = {}
        try:
            found = images_of(path, root)
        except READ_ERRORS as error:
            return [], {name: skip_reason(error, path)}
        if found.remark:
            skipped[name] = IN_PART + found.remark
        return list(self.pairs(found.images, skipped)), skipped

    def pairs(self, images: Sequence[FileImage], skipped: dict[str, str]) -> Iterator[Pair]:
        """Read images of a file; of those that cannot be used, ``skipped`` gets the reason."""
        for image in images:
            try:
                planes = read_planes(image.path, series=image.series)
                yield self.pair(image.name, planes)
                if planes.remark:
                    skipped[image.name] = IN_PART + planes.remark
            except READ_ERRORS as error:
                skipped[image.name] = skip_reason(error, image.path)

    def pair(self, name: str, planes: Planes) -> Pair:
        """Crop HR planes to whole blocks and make their LR."""
        values = planes.values
        height, width = (size - size % self.scale for size in values.shape[1:])
        check_size(values, self.crop * self.scale)
        hr = values[:, :height, :width]
        return Pair(name, hr, self.degradation.downscale(hr, self.scale), planes.slices)

    def _again(self, pair: Pair, how: str, hr: Plane) -> Pair:
        """Other pixels of a pair's planes."""
        return self.pair(f"{pair.name} {how}", Planes(hr, pair.slice_numbers))

    def downscaled(self, pair: Pair, part: Fraction) -> Pair | None:
        """The same image with finer detail for its size; None where too little would be left."""
        planes: Plane = resize(pair.hr, part, axes=(1, 2))
        if min(planes.shape[1:]) < (self.crop + 1) * self.scale:
            return None
        return self._again(pair, f"at {part}", planes)

    def moved(self, pairs: Sequence[Pair], phases: int) -> Iterator[Pair]:
        """The same images without their first rows and columns: other LR pixels of the same HR."""
        steps = sorted({number * self.scale // phases for number in range(phases)})
        for down, right in list(product(steps, steps))[1:]:
            for pair in pairs:
                planes = pair.hr[:, down:, right:]
                if min(planes.shape[1:]) >= self.crop * self.scale:
                    yield self._again(pair, f"from {down}, {right}", planes)

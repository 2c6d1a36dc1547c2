"""Tables for one kind of image against those for all micrographs, by how LR was made.

    python benchmarks/own_kind.py OWN FOLDER [--write]

OWN has the images of one kind, in the folders below; those that were held out when their table was
trained are measured. The tables for all micrographs learned from most of them. FOLDER has
micrographs of the sources from which none of these tables learned. ``--write`` puts the gains over
bicubic interpolation into docs/howto/choose.md.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from micrographs import interpolated, psnr
from numpy.typing import NDArray
from pages import markdown, put
from skimage.io import imread

from autolut_training.data.dataset import read_folder
from autolut_training.settings import read_recipe
from napari_autolut import upscale
from napari_autolut.arrays import averaged, resize
from napari_autolut.evaluation.scenes import as_dtype

PAGE = Path(__file__).parents[1] / "docs" / "howto" / "choose.md"
NUCLEI, PHASE = "nuclei-fluorescence-8bit", "phase-contrast-16bit"
TABLES = {
    "nuclei-x2": (NUCLEI, "micro-x2", 2, ("faim", "mitosis")),
    "nuclei-x4": (NUCLEI, "micro-x4", 4, ("faim", "mitosis")),
    "phase-x2": (PHASE, "micro-x2", 2, ("omnipose",)),
}
"""Folder of its own kind, table for all micrographs, scale, and sources of that kind of which
neither table has seen an image."""

PHOTONS = 200

Image = NDArray[Any]
Downscale = Callable[[NDArray[np.float64], int], NDArray[np.float64]]


def bicubic(image: NDArray[np.float64], scale: int) -> NDArray[np.float64]:
    smaller: NDArray[np.float64] = resize(image, Fraction(1, scale))
    return smaller


def binned_with_noise(image: NDArray[np.float64], scale: int) -> NDArray[np.float64]:
    """Binned, with as many photons where it is brightest."""
    binned: NDArray[np.float64] = averaged(image, scale)
    unit = float(np.percentile(binned, 99.9)) / PHOTONS
    counts: Image = np.random.default_rng(7).poisson(binned / unit) * unit
    return counts


WAYS: dict[str, Downscale] = {
    "made bicubically": bicubic,
    "binned": averaged,
    f"binned, {PHOTONS} photons": binned_with_noise,
}


def gains(hr: Image, scale: int, downscale: Downscale, names: tuple[str, ...]) -> list[float]:
    """Gain of each table over bicubic interpolation in dB."""
    height, width = (side // scale * scale for side in hr.shape)
    truth = hr[:height, :width].astype(np.float64)
    lr = as_dtype(downscale(truth, scale), hr.dtype)
    before = psnr(interpolated(lr, scale), truth)
    return [psnr(upscale(lr, name), truth) - before for name in names]


def held_out(folder: Path, name: str) -> Iterator[Image]:
    """Images that were held out when a table was trained."""
    settings, _ = read_recipe(name)
    pairs = read_folder(folder, settings.scale, crop=settings.data.crop).held_out
    for file in sorted({pair.name for pair in pairs}):
        yield plane(folder / file)


def plane(path: Path) -> Image:
    """Grey levels of an image; of colours the second alone."""
    image: Image = imread(path)
    return image[..., 1] if image.ndim == 3 and image.shape[-1] in (3, 4) else image


def rows_of(own: Path, folder: Path, name: str) -> Iterator[list[str]]:
    """One row for images of a table's own kind, and one for those of other sources."""
    kind, other, scale, sources = TABLES[name]
    paths = sorted(path for each in sources for path in folder.glob(f"{each}_*.png"))
    for words, images in (
        ("own kind", list(held_out(own / kind, name))),
        (" and ".join(sources), [plane(path) for path in paths]),
    ):
        cells = []
        for downscale in WAYS.values():
            found = [gains(image, scale, downscale, (name, other)) for image in images]
            cells += [f"{gain:+.2f}" for gain in np.mean(found, axis=0)]
        yield [f"`{name}`", f"{words} ({len(images)})", *cells]


def main() -> None:
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("own", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    header = ["table", "images", *(cell for way in WAYS for cell in (way, "micro-*"))]
    rows = [row for name in TABLES for row in rows_of(options.own, options.folder, name)]
    table = markdown(header, rows)
    print(table)
    if options.write:
        put("own kind", table, PAGE)


if __name__ == "__main__":
    main()

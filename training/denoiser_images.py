"""Micrographs as training images of denoisers: binned by 2, stretched to 8 bits.

Belongs here: what `make denoisers` does before it trains. Binning halves the noise that the
micrographs have of their own, which a denoiser must not learn to keep.

    python training/denoiser_images.py FOLDER OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.io import imread, imsave

from micro_pairs import HELD_OUT
from napari_autolut.arrays import averaged

PERCENTILES = (0.1, 99.9)
SMALLEST_RANGE = 8
"""Grey levels of the source that must differ at least."""

SMALLEST_SIDE = 64


def main(folder: Path, out: Path) -> None:
    """Write every image of a folder that is large and rich enough, but of sources held out."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.glob("*.png")):
        if path.name.split("_")[0] in HELD_OUT:
            continue
        image = prepared(imread(path))
        if image is not None:
            imsave(out / path.name, image, check_contrast=False)


def prepared(image: NDArray[np.generic]) -> NDArray[np.uint8] | None:
    """One channel at half size in 8 bits; None where there is too little to learn from."""
    plane = np.asarray(image[..., 1] if image.ndim == 3 else image, np.float64)
    height, width = (side // 2 * 2 for side in plane.shape)
    binned = averaged(plane[:height, :width], 2)
    lo, hi = np.percentile(binned, PERCENTILES)
    if hi - lo < SMALLEST_RANGE or min(binned.shape) < SMALLEST_SIDE:
        return None
    levels: NDArray[np.uint8] = (
        np.rint((binned - lo) / (hi - lo) * 255).clip(0, 255).astype(np.uint8)
    )
    return levels


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""Makes the files of the samples: ``python -m napari_autolut.samples.making``.

Belongs here: where their pixels come from, and how they are kept. Some come with scikit-image,
reduced to a quarter with the field's bicubic, as benchmark images are: a four-fold table gives back
what the reduction took. Fluorescence stacks of 16 bits are computed by ``simulated_stacks.py``;
they may be used for anything (CC0).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import resize
from napari_autolut.samples.opening import FOLDER
from napari_autolut.samples.simulated_stacks import Microscope, filaments, nuclei

REDUCTION = 4

SCENE = (60, 192, 192)
"""Voxels of the simulated scene."""

LIT = Microscope(photons=300, background=6)
DIM = Microscope(photons=25, background=1.5)
ANISOTROPIC = Microscope(photons=300, background=6, blur=(0.45, 0.11), z_step=5)


def photographs() -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Images of scikit-image's, reduced."""
    from skimage import data

    full = {"cell": data.cell, "tissue": data.immunohistochemistry, "astronaut": data.astronaut}
    for name, image in full.items():
        yield name, _reduced(image())


def stacks() -> Iterator[tuple[str, NDArray[np.uint16]]]:
    """Stacks of a computed microscope."""
    threads, cells = filaments(SCENE), nuclei(SCENE)
    for microscope, suffix in ((LIT, ""), (DIM, "-noisy")):
        yield f"filaments{suffix}", microscope.record(threads, 0)
        yield f"nuclei{suffix}", microscope.record(cells, 1)
    yield "filaments-anisotropic", ANISOTROPIC.record(threads, 3)


def save(folder: Path) -> None:
    """Write all files; bytes of 16 bits apart, as those of each kind are smaller compressed."""
    for name, image in photographs():
        np.savez_compressed(folder / f"{name}.npz", pixels=image)
    for name, stack in stacks():
        np.savez_compressed(
            folder / f"{name}.npz",
            pixels=stack.astype(np.uint8),
            high_bytes=(stack >> 8).astype(np.uint8),
            contrast_limits=np.quantile(stack, (0.05, 0.999)),
        )


def _reduced(image: Any) -> NDArray[np.uint8]:
    rows, columns = (size - size % REDUCTION for size in image.shape[:2])
    small: NDArray[np.uint8] = resize(image[:rows, :columns], Fraction(1, REDUCTION))
    return small


if __name__ == "__main__":
    save(FOLDER)

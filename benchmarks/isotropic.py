"""How much better than cubic interpolation isotropic stacks are, on stacks thinned by ourselves.

    python benchmarks/isotropic.py STACKS [--factor 4] [--side 128] [--psf as-thinned]

Every TIFF stack of a folder is blurred and thinned along z, as the mean over slices and with a
Gaussian. So it is along x, where the truth is as sharp as what is learned from. PSNR in dB over the
robust range of the stack (percentiles 0.1 to 99.9), for linear and cubic spline interpolation and
for the table, each in the stack's type; seconds to learn and to compute.
"""

import argparse
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy.ndimage import zoom

from napari_autolut import make_isotropic
from napari_autolut.arrays import to_dtype
from napari_autolut.isotropic import AxialBlur, learn_axial_tables
from napari_autolut.isotropic.blur import thinned

BLURS = (AxialBlur(), AxialBlur(2.0))

FARTHER_APART = {"neubias_chromosomes"}
"""Stacks whose slices are further apart than pixels: what they are alike to 3 slices away, they are
to 6 pixels. Cut along x, their planes would have pixels that are not square, which is refused where
sizes are known."""

Stack = NDArray[Any]


def psnr(result: Stack, truth: Stack, span: float) -> float:
    error = np.mean((result.astype(np.float64) - truth) ** 2)
    return float(10 * np.log10(span**2 / error))


def measured(volume: Stack, factor: int, blur: AxialBlur, psf: str | None) -> tuple[float, ...]:
    """PSNR of linear, cubic and the table, and seconds to learn and compute."""
    kept = volume[: len(volume) // factor * factor]
    low, high = np.percentile(volume, (0.1, 99.9))
    stack = to_dtype(thinned(kept.astype(np.float32), factor, blur), volume.dtype)
    figures = []
    for order in (1, 3):
        fine = zoom(
            stack.astype(np.float64), (factor, 1, 1), order=order, mode="reflect", grid_mode=True
        )
        figures.append(psnr(to_dtype(fine, volume.dtype), kept, high - low))
    begun = perf_counter()
    tables = learn_axial_tables(stack, factor, psf or blur)
    learned = perf_counter()
    result = make_isotropic(stack, factor, table=tables)
    return *figures, psnr(result, kept, high - low), learned - begun, perf_counter() - learned


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stacks", type=Path)
    parser.add_argument("--factor", type=int, default=4)
    parser.add_argument("--side", type=int, default=128, help="rows and columns at most")
    parser.add_argument("--psf", help="what the table is told, by default how it was thinned")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    learn_axial_tables(np.random.default_rng(0).integers(0, 255, (10, 48, 48), np.uint8), 4)
    print("| stack | thinned along | blur | linear | cubic | table | gain | learn s | compute s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in sorted(arguments.stacks.glob("*.tif*")):
        volume, name = tifffile.imread(path), path.stem.removesuffix("_stack")
        for axis in (0,) if name in FARTHER_APART else (0, 2):
            moved = np.moveaxis(volume, axis, 0)
            cut = moved[: arguments.side, : arguments.side, : arguments.side]
            for blur in BLURS:
                linear, cubic, table, learn, compute = measured(
                    cut, arguments.factor, blur, arguments.psf
                )
                print(
                    f"| {name} | {'zyx'[axis]} | {blur} | {linear:.2f} "
                    f"| {cubic:.2f} | {table:.2f} | {table - cubic:+.2f} | {learn:.1f} "
                    f"| {compute:.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()

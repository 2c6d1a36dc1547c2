"""What a table that is resampled gains over Lanczos interpolation, at factors that no table has.

python benchmarks/any_factor.py HR_FOLDER ... [--write]

Images are cropped to whole LR pixels, made smaller by antialiased bicubic interpolation by exactly
the factor, rounded to 8 bits, and enlarged again: PSNR on luma in dB, means over all images. With
``--write`` the table goes into docs/howto/any-factor.md.
"""

from __future__ import annotations

import argparse
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pages import markdown, put
from PIL import Image

from napari_autolut import upscale
from napari_autolut.arrays import resize
from napari_autolut.evaluation.metrics import psnr_y
from napari_autolut.storage.catalogue import MODELS_BY_SCALE, next_scale

FACTORS = ("1.5", "2.5", "3.3", "6")
PAGE = Path(__file__).parents[1] / "docs" / "howto" / "any-factor.md"

Pixels = NDArray[np.uint8]


def pair(image: Pixels, factor: Fraction) -> tuple[Pixels, Pixels]:
    """An HR image cropped to whole LR pixels, and its LR image."""
    rows, columns = (n - n % factor.numerator for n in image.shape[:2])
    hr = image[:rows, :columns]
    return hr, resize(hr, 1 / factor)


def by_lanczos(lr: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Enlarge by Pillow's Lanczos interpolation, three lobes."""
    size = (shape[1], shape[0])
    return np.asarray(Image.fromarray(lr).resize(size, Image.Resampling.LANCZOS))


def measured(images: list[Pixels], text: str) -> list[str]:
    """A row of the table: a factor, its model and the means."""
    factor, found = Fraction(text), []
    for image in images:
        hr, lr = pair(image, factor)
        results = by_lanczos(lr, hr.shape), upscale(lr, scale=float(factor))
        found.append([psnr_y(result, hr, border=math.ceil(factor)) for result in results])
    plain, table = np.mean(found, axis=0)
    model = MODELS_BY_SCALE[next_scale(float(factor), MODELS_BY_SCALE)]
    return [text, model, f"{plain:.2f}", f"{table:.2f}", f"{table - plain:.2f}"]


def main() -> None:
    """Measure, print and perhaps write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    files = sorted(path for folder in asked.folders for path in folder.glob("*.png"))
    images = [np.asarray(Image.open(path)) for path in files]
    header = ["factor", "table", "Lanczos of the source", "the table, resampled", "gain"]
    text = markdown(header, [measured(images, factor) for factor in FACTORS])
    print(text)
    if asked.write:
        put("any factor", text, PAGE)


if __name__ == "__main__":
    main()

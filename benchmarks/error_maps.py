"""How many pixels are within the map of expected errors, on laboratories no table was trained on.

Through ``upscale()``, in the range and with the noise that it finds: micrographs in their own bits,
as floats, and as 8 bits of few levels, binned without noise and with that of photons. Their error
tables saw these laboratories; what tables that did not see them say is in ``training``.

python benchmarks/error_maps.py MODEL FOLDER [--page]

Each cell has the share of all pixels and of those of the least source. The mean rank correlation of
map and absolute error within an image comes with it.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from micrographs import HELD_OUT, PHOTONS, Image, lr_images, of_model_and_folder
from pages import markdown, put

from napari_autolut import load_model, upscale
from napari_autolut.evaluation.scenes import as_dtype
from napari_autolut.model import LutModel
from napari_autolut.util.ranks import rank_correlation

PAGE = Path(__file__).parents[1] / "docs" / "expected-error.md"
SIDE, IMAGES = 256, 4
"""Of the middle of an image, and how many of each source are looked at, evenly spread."""

EIGHT_BITS = np.dtype(np.uint8)
GIVEN: dict[str, Callable[[Any, float], Image]] = {
    "its own bits": lambda image, _: image,
    "floats": lambda image, _: image.astype(np.float32),
    "200 levels": lambda image, white: as_dtype(image * (200 / white), EIGHT_BITS),
    "60 levels": lambda image, white: as_dtype(image * (60 / white), EIGHT_BITS),
}


def measured(truth: Image, lr: Image, model: LutModel) -> tuple[float, float]:
    """Share of pixels within the map, and the rank correlation."""
    result, expected = upscale(lr, model, expected_error=True)
    errors = abs(result.astype(np.float64) - truth)
    return float(np.mean(errors <= expected)), rank_correlation(expected, errors)


def chosen(folder: Path) -> Iterator[tuple[str, Path]]:
    """Some images of each source that was held out."""
    for source in HELD_OUT:
        paths = sorted(folder.rglob(f"{source}_*.png"))
        for number in np.unique(np.linspace(0, len(paths) - 1, IMAGES).astype(int)):
            yield source, paths[number]


def main() -> None:
    warnings.simplefilter("ignore")
    parser = of_model_and_folder(__doc__)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    model, rng = load_model(options.model), np.random.default_rng(7)
    found = defaultdict(list)
    for source, path in chosen(options.folder):
        for photons, truth, lr in lr_images(path, model.scale, rng, SIDE):
            white = np.percentile(truth, 99.9)
            for how, given in GIVEN.items():
                figures = measured(given(truth.astype(lr.dtype), white), given(lr, white), model)
                found[how, photons].append((source, *figures))
    rows = []
    for how in GIVEN:
        cells = []
        for photons in PHOTONS:
            sources, inside, ranks = (
                np.array(each) for each in zip(*found[how, photons], strict=True)
            )
            least = min(inside[sources == each].mean() for each in HELD_OUT)
            shares = f"{100 * inside.mean():.0f} / {100 * least:.0f} %"
            cells.append(f"{shares}; {np.nanmean(ranks):.2f}")
        rows.append([f"`{model.name}`, {how}", *cells])
    heads = [f"{p:,} photons" if p else "clean" for p in PHOTONS]
    table = markdown(["table, image", *heads], rows)
    print(table)
    if options.page:
        put(model.name, table, PAGE)


if __name__ == "__main__":
    main()

"""How much the denoised answer should count beside a table for noise, by how noisy images are.

Three answers are mixed in tenths: that of the table for noise, and the denoised image enlarged by
the table for clean images and by bicubic interpolation. For each range of images in deviations of
their noise: gain over bicubic interpolation in dB, means of sources, of what is taken and of the
best mix. `FULL_RANGE` and its neighbours in `arrays/noisy/choice.py` follow these rows on
sources that the tables were trained on; judge them on others.

python benchmarks/denoised_share.py MODEL FOLDER [--sources a,b] [--images 5]
"""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import product

import numpy as np
from micrographs import Image, lr_images, of_model_and_folder
from numpy.typing import NDArray

from napari_autolut import load_model
from napari_autolut.arrays import Axes, NoisyTask, Range, resize, task_for
from napari_autolut.arrays.noisy import NoisyEnlarger
from napari_autolut.arrays.noisy.choice import denoised_share
from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel

BOUNDS = (0, 8, 10, 14, 20, 30, 45, 67)
MIXES = np.array([mix for mix in product(range(11), repeat=3) if sum(mix) == 10]) / 10
SIDE = 384

Floats = NDArray[np.float64]


def answers(lr: Image, model: LutModel) -> tuple[float, tuple[Image, ...]] | None:
    """Range in deviations, and what table, table of the denoised and bicubic of it make.

    None where nothing is mixed: of images that are clean, or have no table for their noise.
    """
    task = task_for(lr, Axes((0, 1)), (Range(0, float(lr.max())),), model)
    (enlarger,) = task.enlargers if isinstance(task, NoisyTask) else (None,)
    if not isinstance(enlarger, NoisyEnlarger) or enlarger.table is None:
        return None
    plane, engine = lr.astype(np.float64), plane_engine("auto")
    denoiser, larger, _ = enlarger.denoised
    denoised = denoiser(plane, engine)
    return enlarger.levels.deviations, (
        replace(enlarger, denoised=enlarger.denoised._replace(share=0.0))(plane, engine),
        replace(larger, interpolated=0.0)(denoised, engine),
        resize(denoised, model.scale),
    )


def taken(deviations: float) -> Floats:
    """The mix that is taken at some range."""
    share, by_table = denoised_share(deviations)
    return np.array([1 - share, share * by_table, share * (1 - by_table)])


def gains(found: tuple[float, tuple[Image, ...]], truth: Floats, bicubic: float) -> Floats:
    """Gains of the mix that is taken, and of all mixes."""
    deviations, several = found
    errors = np.stack([(each - truth).ravel() for each in several])
    products = errors @ errors.T / errors.shape[1]
    mixes = np.vstack([taken(deviations), MIXES])
    result: Floats = 10 * np.log10(bicubic / np.einsum("ki,ij,kj->k", mixes, products, mixes))
    return result


def main() -> None:
    warnings.simplefilter("ignore")
    parser = of_model_and_folder(__doc__)
    parser.add_argument("--sources", default="", help="these alone, or all but those after -")
    parser.add_argument("--images", type=int, default=5, help="of each source")
    options = parser.parse_args()
    model, rng = load_model(options.model), np.random.default_rng(7)
    count: Counter[str] = Counter()
    names, others = options.sources.lstrip("-").split(","), options.sources.startswith("-")
    rows: dict[int, dict[str, list[Floats]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(options.folder.rglob("*.png")):
        source = path.name.split("_")[0]
        if options.sources and (source in names) == others:
            continue
        count[source] += 1
        if count[source] > options.images:
            continue
        for photons, truth, lr in lr_images(path, model.scale, rng, SIDE):
            found = answers(lr, model) if photons else None
            if found is None:
                continue
            bicubic = np.mean((resize(lr.astype(np.float64), model.scale) - truth) ** 2)
            row = int(np.searchsorted(BOUNDS, found[0], "right"))
            rows[row][source].append(gains(found, truth, bicubic))
    print("| range | sources | images | taken | gain | best: noise / table / bicubic | gain |")
    print("|---" * 7 + "|")
    for row, sources in sorted(rows.items()):
        mean = np.mean([np.mean(each, axis=0) for each in sources.values()], axis=0)
        low, high = BOUNDS[row - 1], BOUNDS[row]
        best = int(np.argmax(mean[1:]))
        mixes = [
            " / ".join(f"{share:.1f}" for share in mix)
            for mix in (taken((low + high) / 2), MIXES[best])
        ]
        images = sum(map(len, sources.values()))
        print(
            f"| {low} to {high} | {len(sources)} | {images} | {mixes[0]} | {mean[0]:.2f} | "
            f"{mixes[1]} | {mean[best + 1]:.2f} |"
        )


if __name__ == "__main__":
    main()

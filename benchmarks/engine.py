"""How fast the engine is: one run measures everything, prints tables, writes JSON and a plot.

    python benchmarks/engine.py [--tables FOLDER] [--out FOLDER] [--readme] [--repeats N]

Without ``--tables`` (a folder of MuLUT x4 tables) random ones of the same shape are used; those are
a little slower, since their first stage gives noise. Every row is measured in turn with MuLUT in
the fast engine on one thread; ratios are medians of such pairs. What runs on one thread has the
processor's time, what runs on two that of the wall. Run it with nothing beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pages
import published_lookup
from c_kernel import c_kernel
from skimage.transform import rescale
from speed_curve import curve, exponent, plot
from speed_profile import STEPS, profile
from timing import Work, against, is_busy, machine
from workloads import HEIGHT, WIDTH, colours, grey, image, mulut, with_fixed_taps

from napari_autolut import list_models, load_model, upscale
from napari_autolut.arrays.bicubic import resize
from napari_autolut.engine import fast, reference
from napari_autolut.model import LutModel

DEFAULT, FAST, LIGHT = "natural-x4", "natural-x4-fast", "natural-x4-light"
PAPERS = "autolut-mulut-x4"
WHILE = 4.0
"""Seconds for what depends on two cores, of which the second one comes and goes."""

FRAMES = 10

OUT = Path(__file__).with_name("results")
DOCS = Path(__file__).parents[1] / "docs"
PAGE, PLOT = DOCS / "performance.md", DOCS / "images" / "speed.png"


def frames(model: LutModel, threads: int) -> Work:
    """The model on the image, some times one after the other: a core that sleeps wakes late."""
    one = colours(model, threads)
    return lambda: [one() for _ in range(FRAMES)]


def one_plane(height: int, width: int, model: LutModel, threads: int) -> Work:
    """The model on a grey plane."""
    plane = grey(height, width)
    return lambda: fast.upscale_plane(model, plane, threads=threads)


def others(model: LutModel) -> dict[str, Work]:
    """The same image by everything that is compared with MuLUT in the fast engine."""
    source = image()
    planes = [np.ascontiguousarray(source[..., c]) for c in range(3)]
    real = [plane.astype(np.float32) for plane in planes]

    def each(upscale: Callable[[np.ndarray], np.ndarray], of: list[np.ndarray]) -> Work:
        return lambda: [upscale(plane) for plane in of]

    rows = {
        "MuLUT, published numpy look-up": each(
            lambda plane: published_lookup.upscale_plane(model, plane), real
        ),
        "MuLUT, reference engine (numpy)": each(
            lambda plane: reference.upscale_plane(model, plane), real
        ),
        "skimage.transform.rescale(order=3)": lambda: rescale(
            source, 4, order=3, channel_axis=-1, anti_aliasing=False
        ),
        "bicubic (napari_autolut.arrays.bicubic)": lambda: resize(source, 4),
    }
    in_c = c_kernel(model)
    if in_c:
        rows["MuLUT, hand-written C with AVX2"] = each(in_c, planes)
        for plane, values in zip(planes, real, strict=True):
            same = in_c(plane) == published_lookup.upscale_plane(model, values)
            assert same.all(), "the C kernel differs"
    assert (
        upscale(source, model, colour="channels")
        == np.stack([fast.upscale_plane(model, p) for p in real], -1)
    ).all()
    for plane in real:
        same = fast.upscale_plane(model, plane) == published_lookup.upscale_plane(model, plane)
        assert same.all(), "the fast engine differs"
    for entry in list_models():
        shipped = load_model(entry.path)
        if entry.origin == "shipped" and shipped.scale == 4:
            rows[f"{entry.name}, 1 thread"] = colours(shipped, 1)
    through_luma = colours(load_model(DEFAULT), 1, "luma")
    rows[f"{DEFAULT}, 1 thread, colours through luma"] = through_luma
    return rows


def measured(model: LutModel, repeats: int) -> dict[str, Any]:
    """Every figure."""
    yardstick = colours(model, 1)
    one_thread = partial(against, repeats=repeats, clock=time.process_time)
    rows = {name: one_thread(yardstick, work) for name, work in others(model).items()}
    default = load_model(DEFAULT)
    papers = load_model(PAPERS)
    return {
        "machine": machine(),
        "milliseconds": statistics.median(row.yardstick_milliseconds for row in rows.values()),
        "rows": {name: row._asdict() for name, row in rows.items()},
        "learned_windows": one_thread(
            colours(with_fixed_taps(papers), 1), colours(papers, 1)
        ).ratio,
        **({} if is_busy(yardstick) else on_two_cores(model, repeats)),
        "profile": profile(default),
        "seconds_by_side": {"MuLUT": curve(model, repeats), DEFAULT: curve(default, repeats)},
    }


def on_two_cores(model: LutModel, repeats: int) -> dict[str, Any]:
    """What can only be measured where nobody else uses the cores."""
    models = {"MuLUT": model, DEFAULT: load_model(DEFAULT), FAST: load_model(FAST)}
    sizes: dict[str, Callable[[LutModel, int], Work]] = {
        f"{FRAMES} frames of {WIDTH} x {HEIGHT} RGB": frames,
        "1024 x 1024 grey": partial(one_plane, 1024, 1024),
    }
    yardstick = colours(model, 1)
    small = {name: one_plane(360, 640, load_model(name), 2) for name in (DEFAULT, FAST, LIGHT)}
    return {
        "two_threads": {
            f"{name}, {size}": against(work(of, 2), work(of, 1), repeats, WHILE).ratio
            for name, of in models.items()
            for size, work in sizes.items()
        },
        "frames_a_second": {
            name: 1000 / against(yardstick, work, repeats, WHILE).milliseconds
            for name, work in small.items()
        },
    }


def speed_table(result: dict[str, Any]) -> list[list[str]]:
    """Rows for the README."""
    own = ["**MuLUT, fast engine, 1 thread**", f"{result['milliseconds']:.1f} ms", "1"]
    return [
        own,
        *(
            [name, f"{row['milliseconds']:.1f} ms", f"{row['ratio']:.2f}"]
            for name, row in result["rows"].items()
        ),
    ]


def in_words(result: dict[str, Any]) -> str:
    """What the table does not say."""
    slopes = ", ".join(
        f"{exponent({int(k): v for k, v in times.items()}):.2f} ({name})"
        for name, times in result["seconds_by_side"].items()
    )
    return (
        f"Measured on {result['machine']}. {_two_cores_in_words(result)} "
        f"Learned windows and residuals cost {100 * (result['learned_windows'] - 1):.0f} % over "
        f"the same cascade with fixed taps ({PAPERS}). Time grows with pixels to the power of "
        f"{slopes} from 64 x 64 to 4096 x 4096."
    )


def _two_cores_in_words(result: dict[str, Any]) -> str:
    if "two_threads" not in result:
        return "Two threads were not measured: others used the machine."
    threads = ", ".join(f"{v:.2f} ({name})" for name, v in result["two_threads"].items())
    frames = ", ".join(f"{v:.0f} ({name})" for name, v in result["frames_a_second"].items())
    return (
        f"Two threads are faster than one by {threads}. Grey frames of 640 x 360 a second on two "
        f"cores: {frames}."
    )


def profile_table(result: dict[str, Any]) -> str:
    """Nanoseconds in one look-up of the default model."""
    header = ["stage", "tables", "columns", *STEPS, "together"]
    rows = [
        [str(number), f"{node['tables']}", f"{node['columns']}",
         *(f"{node[step]:.1f} ns" for step in STEPS), f"{node['nanoseconds']:.1f} ns"]
        for number, node in enumerate(result["profile"], 1)
    ]  # fmt: skip
    return pages.markdown(header, rows)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--readme", action="store_true", help="put tables and plot into the pages")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    result = measured(mulut(options.tables), options.repeats)
    table = pages.markdown([f"{WIDTH} x {HEIGHT} RGB, x4", "time", "ratio"], speed_table(result))
    text = f"{table}\n\n{in_words(result)}"
    print(f"{text}\n\n{profile_table(result)}")
    options.out.mkdir(exist_ok=True)
    (options.out / "engine.json").write_text(json.dumps(result, indent=2) + "\n")
    (options.out / "engine-profile.md").write_text(profile_table(result) + "\n")
    plot(result["seconds_by_side"], options.out / "engine.png")
    if options.readme:
        pages.put("speed", text)
        pages.put("profile", profile_table(result), PAGE)
        plot(result["seconds_by_side"], PLOT)


if __name__ == "__main__":
    main()

"""The pictures of the README and of the pages: the real windows, driven as a user would.

    python docs/make_pictures.py [NAME ...]

Without names all are made. Needs a display (``make pictures`` brings one). Nothing of the user's
own is shown or changed: models, trainings and settings lie in a folder that is removed.

Belongs here: one function for each picture. Files are ``picture_files.py``, windows
``picture_windows.py``.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import picture_windows as windows
from picture_files import IMAGES, Film, Pixels, write_png
from picture_limits import limits
from picture_stacks import denoise_dock, denoise_result, micrograph, stack_figure
from picture_windows import Stage
from skimage.data import astronaut, immunohistochemistry

from napari_autolut import NoiseModel, denoise, upscale
from napari_autolut._compat import camera
from napari_autolut.arrays.bicubic import resize
from napari_autolut.demo import lay_side_by_side

TISSUE_PLACE = (70.0, 66.0, 46.0)
"""Row and column of the middle, and rows to be seen, in pixels of the sample."""

LENS_START, LENS_END = (48.0, 100.0, 42.0), (84.0, 66.0)
"""Row and column of the middle (and rows to be seen) where the lens begins, and where it ends."""

LENS_FRAMES, LENS_SECONDS = 10, 0.8

TISSUE_PIECE, SCALE = 128, 4
TRAINING_MINUTES = 2
FRAME_SECONDS = 3.0
TOUR_WIDTH, SWEEP_FRAMES = 900, 36


def upscale_dock(stage: Stage) -> None:
    """Source and result side by side, and the Upscale dock."""
    stage.viewer.open_sample("napari-autolut", "astronaut")
    dock = stage.dock("Upscale")
    stage.run(dock)
    lay_side_by_side(stage.viewer)
    write_png("upscale-dock", stage.picture())


def lens(stage: Stage) -> None:
    """The lens over a part of the tissue sample, before anything is run."""
    *_, pixels = moved_lens(stage)
    write_png("lens", pixels)


def moved_lens(stage: Stage) -> Iterator[Pixels]:
    """Look at the source from near, switch the lens on, and go to another place."""
    stage.viewer.open_sample("napari-autolut", "tissue")
    dock = stage.dock("Upscale")
    row, column, rows = LENS_START
    look = camera(stage.viewer)
    look.zoom = stage.canvas_height / rows
    look.center = (row, column)
    yield from [stage.picture()] * 2
    dock.lens_box.setChecked(True)
    stage.wait(lambda: not dock.lens.busy)
    yield from [stage.picture()] * 2
    for number in range(1, LENS_FRAMES + 1):
        way = (1 - math.cos(math.pi * number / LENS_FRAMES)) / 2
        look.center = tuple(a + way * (b - a) for a, b in zip((row, column), LENS_END, strict=True))
        yield stage.picture(settle=LENS_SECONDS)


def compare_curtain(stage: Stage) -> None:
    """Three ways to enlarge the tissue sample, as lanes over the same place, with figures."""
    window = _comparison_of_tissue(stage)
    windows.choose_mode(window, "CURTAIN")
    stage.look_at(window, *TISSUE_PLACE)
    window.canvas.split([0.25, 0.5, 0.75])
    write_png("compare-curtain", stage.picture_of_comparison(window))


def compare_difference(stage: Stage) -> None:
    """What bicubic interpolation and a model have more or less than the true image."""
    window = _comparison_of_tissue(stage)
    windows.choose_mode(window, "DIFFERENCE")
    stage.look_at(window, *TISSUE_PLACE)
    write_png("compare-difference", stage.picture_of_comparison(window))


def _comparison_of_tissue(stage: Stage) -> Any:
    stage.viewer.open_sample("napari-autolut", "tissue")
    source = stage.viewer.layers[0]
    truth = windows.add_truth(stage.viewer, immunohistochemistry(), source, "true tissue")
    return stage.compare(source, truth=truth)


def batch(stage: Stage) -> None:
    """A folder that was worked through, one of its files bad, and one of the results."""
    folder = stage.folder / "tissue-slides"
    windows.write_pieces(immunohistochemistry(), folder, TISSUE_PIECE, "slide")
    (folder / "slide-01.png").write_bytes(b"not a picture")
    dock = stage.dock("Upscale a folder")
    dock.source.folder = folder
    stage.wait(lambda: bool(dock.table.record.files) and not dock.advice.busy)
    stage.run(dock)
    dock.table.opened.emit(dock.table.record.files[-5])
    stage.wait(lambda: bool(stage.viewer.layers))
    write_png("batch", stage.picture())


def trained_on_tissue(stage: Stage) -> Iterator[tuple[str, Pixels]]:
    """Train for a short time; pictures "found", "settings", "frame", ..., "running" and "done".

    The table learns from three quarters of a slide, and is tried on the fourth.
    """
    slide, half = immunohistochemistry(), 256
    folder = stage.folder / "tissue-slides"
    quarters = {"a": slide[:half, :half], "b": slide[:half, half:], "c": slide[half:, :half]}
    for name, part in quarters.items():
        windows.write_pieces(part, folder, TISSUE_PIECE, name)
    small = resize(slide[half:, half:], Fraction(1, SCALE))
    stage.viewer.add_image(small, name="new slide", rgb=True)
    dock = stage.dock("Train")
    dock.source.folder.line.setText(str(folder))
    dock.source.search.click()
    stage.wait(dock.findings.next.isEnabled)
    yield "found", stage.picture()
    dock.findings.next.click()
    dock.settings.scale.setCurrentIndex(dock.settings.scale.findData(SCALE))
    dock.settings.preset.buttons[0].setChecked(True)
    dock.settings.preset.minutes.setValue(TRAINING_MINUTES)
    yield "settings", stage.picture()
    dock.settings.start.click()
    stage.wait(lambda: dock.running.preview.isVisible())
    frame = stage.picture()
    while dock.page is dock.running:
        dock.pages.currentWidget().ensureWidgetVisible(dock.running.preview)
        yield "frame", frame
        latest = stage.picture(settle=FRAME_SECONDS)
        frame = latest if dock.page is dock.running else frame
    yield "running", frame
    stage.wait(lambda: dock.page is dock.result)
    dock.result.try_it.button.click()
    stage.wait(lambda: not dock.result.try_it.running)
    yield "done", stage.picture()


def tour(stage: Stage) -> None:
    """A short film: the lens, a curtain over source and result, then a training.

    The pages of the Train dock are pictures of their own, too.
    """
    film = Film()
    for pixels in moved_lens(stage):
        film.add(pixels, 250)
    film.hold(1200)
    stage.clear()
    for pixels in swept_curtain(stage):
        film.add(pixels, 80)
    stage.clear()
    for name, pixels in trained_on_tissue(stage):
        film.add(pixels, {"frame": 220, "running": 220}.get(name, 1800))
        if name == "done":
            write_png("train-done", pixels)
        elif name != "frame":
            write_png(f"train-{name}", stage.right_dock_of(pixels))
    film.write("tour", TOUR_WIDTH)


def swept_curtain(stage: Stage) -> Iterator[Pixels]:
    """Draw a curtain from a result over its source and back."""
    stage.viewer.open_sample("napari-autolut", "tissue")
    window = stage.compare(stage.viewer.layers[0], views=("source", "natural-x4"))
    window.resize(*windows.WINDOW)
    windows.choose_mode(window, "CURTAIN")
    stage.look_at(window, *TISSUE_PLACE)
    for number in range(SWEEP_FRAMES):
        turn = 2 * math.pi * number / SWEEP_FRAMES
        window.canvas.split([0.5 + 0.38 * math.sin(turn)])
        stage.settle(0.15)
        yield windows.pixels_of(window)


PICTURES: dict[str, Callable[[Stage], None]] = {
    "micrograph": micrograph,
    "upscale-dock": upscale_dock,
    "lens": lens,
    "compare-curtain": compare_curtain,
    "compare-difference": compare_difference,
    "batch": batch,
    "denoise-dock": denoise_dock,
    "denoise-result": denoise_result,
    "stack-figure": stack_figure,
    "limits": limits,
    "tour": tour,
}


def main(names: list[str]) -> None:
    """Make the pictures that are named, or all."""
    unknown = set(names) - PICTURES.keys()
    if unknown:
        raise SystemExit(f"found {', '.join(sorted(unknown))}, expected {', '.join(PICTURES)}")
    IMAGES.mkdir(exist_ok=True)
    # Compiles, so that no picture shows how long that takes.
    upscale(astronaut(), "natural-x4")
    denoise(astronaut()[..., 0], NoiseModel(5.0, 0.0))
    for name in names or PICTURES:
        with windows.own_folders() as folder, windows.stage(Path(folder)) as stage:
            PICTURES[name](stage)


if __name__ == "__main__":
    main(sys.argv[1:])

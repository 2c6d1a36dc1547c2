"""The pictures of noisy stacks, from the real windows: the README's first, and the tutorial's.

Belongs here: the Denoise dock, and the figures that are made in the end. The other pictures are
``make_pictures.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from picture_files import Pixels, captioned, write_png
from picture_windows import Stage

from napari_autolut._compat import camera, scale_bar
from napari_autolut.samples.making import DIM, SCENE
from napari_autolut.samples.simulated_stacks import filaments, nuclei

FIGURE_PLACE = (8.0, 9.6, 12.0)
"""Row and column of the middle, and rows to be seen, in micrometres."""

GAP = 6
"""White pixels between the panels of a figure."""

BAR_FONT_SIZE = 20
"""Of the scale bar where three panels share the width of a page; napari's own is 10."""


def denoise_dock(stage: Stage) -> None:
    """The noisy sample, its noise as the Denoise dock says it, and the result under the lens."""
    dock = _opened(stage)
    dock.lens_box.setChecked(True)
    stage.wait(lambda: not dock.lens.busy)
    look_at_figure(stage)
    write_png("denoise-dock", stage.picture())


def denoise_result(stage: Stage) -> None:
    """Both channels denoised; what was noisy is hidden."""
    dock = _opened(stage)
    stage.run(dock)
    look_at_figure(stage)
    write_png("denoise-result", stage.picture())


def stack_figure(stage: Stage) -> None:
    """The same place noisy and denoised, in the same contrast, with a scale bar."""
    dock = _opened(stage)
    look_at_figure(stage)
    bar = scale_bar(stage.viewer)
    bar.visible = True
    before = _canvas(stage)
    stage.run(dock)
    look_at_figure(stage)
    after = _canvas(stage)
    gap = np.full((before.shape[0], GAP, 3), 255, np.uint8)
    write_png("stack-figure", np.hstack([before, gap, after]))


def micrograph(stage: Stage) -> None:
    """The noisy sample, denoised, and the ground truth; with figures (PSNR)."""
    dock = _opened(stage)
    noisy = list(stage.viewer.layers)
    bar = scale_bar(stage.viewer)
    bar.visible, bar.font_size = True, BAR_FONT_SIZE
    stage.run(dock)
    denoised = [layer for layer in stage.viewer.layers if layer not in noisy]
    true = []
    for layer, density in zip(noisy, (filaments(SCENE), nuclei(SCENE)), strict=True):
        light = DIM.camera.gain * DIM.expected(density) + DIM.camera.offset
        _, state, _ = layer.as_layer_data_tuple()
        true.append(stage.viewer.add_image(light, **{**state, "name": "light"}))
    stage.viewer.window.remove_dock_widget("all")
    panels = []
    for shown, words in (
        (noisy, "recorded"),
        (denoised, "denoised"),
        (true, "ground truth"),
    ):
        for layer in stage.viewer.layers:
            layer.visible = layer in shown
        look_at_figure(stage)
        if shown is not true:
            figures = [_psnr(one.data, other.data) for one, other in zip(shown, true, strict=True)]
            words += ": PSNR " + " and ".join(f"{figure:.1f}" for figure in figures) + " dB"
        panels.append((_square(_canvas(stage)), words))
    write_png("micrograph", captioned(panels, GAP))


def _psnr(image: Any, truth: Any) -> float:
    """Of a whole channel, against the grey level of the brightest voxels."""
    peak = DIM.camera.gain * DIM.photons
    error = np.mean((np.asarray(image, np.float64) - truth) ** 2)
    return float(10 * np.log10(peak**2 / error))


def _square(pixels: Pixels) -> Pixels:
    """The middle, as high as wide, down to the scale bar in the lower right corner."""
    side = min(pixels.shape[:2])
    return pixels[-side:, -side:]


def look_at_figure(stage: Stage) -> None:
    """Look at the place that the figure shows."""
    row, column, rows = FIGURE_PLACE
    look = camera(stage.viewer)
    look.zoom = stage.canvas_height / rows
    look.center = (0, row, column)
    stage.settle()


def _opened(stage: Stage) -> Any:
    """Open the sample, and the dock for both of its channels."""
    stage.viewer.open_sample("napari-autolut", "fluorescence_noisy")
    stage.viewer.layers.selection = set(stage.viewer.layers)
    dock = stage.dock("Denoise")
    stage.wait(lambda: not dock.noise.searching)
    stage.settle()
    return dock


def _canvas(stage: Stage) -> Pixels:
    """What the canvas shows."""
    stage.settle()
    pixels: Pixels = stage.viewer.screenshot(canvas_only=True, flash=False)[..., :3]
    return pixels

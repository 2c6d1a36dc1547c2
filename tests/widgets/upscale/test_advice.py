"""The model that the Upscale dock offers for an image, and the reason that it gives."""

import numpy as np
import pytest
from napari.components import ViewerModel
from skimage.data import astronaut

from napari_autolut.widgets.upscale.dock import UpscaleWidget
from tests.widgets.upscale_dock import choose


@pytest.fixture
def viewer():
    """A viewer without a window, with the shipped tables."""
    return ViewerModel()


@pytest.fixture
def dock(viewer, shown):
    return shown(UpscaleWidget(viewer))


def frame():
    return np.random.default_rng(0).poisson(40, (96, 96)).astype(np.uint16)


def advised(qtbot, dock):
    qtbot.waitUntil(lambda: not dock.advice.busy)
    return dock.models.entry.name


def test_the_model_follows_the_picked_image(viewer, dock, qtbot):
    micrograph = viewer.add_image(frame(), name="cells")
    assert advised(qtbot, dock) == "micro-x2"
    assert dock.advice.line.text().startswith("16-bit, noise of about ")
    viewer.add_image(astronaut()[::4, ::4], name="photograph")
    assert advised(qtbot, dock) == "natural-x4"
    assert dock.advice.line.text() == "8-bit, RGB, photograph: natural-x4"
    viewer.layers.selection.active = micrograph
    assert advised(qtbot, dock) == "micro-x2"
    assert not dock.advice.button.isVisible()


def test_a_run_waits_until_the_model_is_chosen(viewer, dock, qtbot):
    viewer.add_image(frame(), name="cells")
    assert dock.advice.busy and dock.models.entry.name == "natural-x4"
    dock.run_bar.button.click()
    assert not dock.run_bar.running
    assert dock.run_bar.status.text().startswith("Choosing the model")
    qtbot.waitUntil(lambda: len(viewer.layers) == 2)
    assert viewer.layers[1].name == "cells x2 (micro-x2)"


def test_a_run_that_waits_is_for_the_image_as_it_is_then(viewer, dock, qtbot):
    layer = viewer.add_image(frame(), name="cells")
    dock.run_bar.button.click()
    layer.data = frame()[:48]
    assert dock.run_bar.status.text().startswith("Choosing the model")
    qtbot.waitUntil(lambda: len(viewer.layers) == 2)
    assert viewer.layers[1].data.shape == (96, 192)


def test_a_run_that_waits_is_not_for_another_image(viewer, dock, qtbot):
    viewer.add_image(frame(), name="cells")
    dock.run_bar.button.click()
    viewer.add_image(frame(), name="others")
    advised(qtbot, dock)
    assert not dock.run_bar.running and len(viewer.layers) == 2


def test_a_pixel_size_makes_a_micrograph(viewer, dock, qtbot):
    image = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
    viewer.add_image(image, units=("um", "um"), scale=(0.1, 0.1))
    assert advised(qtbot, dock) == "micro-x2"
    assert dock.advice.line.text() == "8-bit, pixels of 0.1 µm: micro-x2"


def test_what_the_user_chooses_stays_and_the_other_is_suggested(viewer, dock, qtbot):
    viewer.add_image(frame())
    advised(qtbot, dock)
    choose(dock.models, "natural-x3")
    assert dock.advice.line.text().startswith("Suggested: 16-bit")
    viewer.add_image(astronaut()[::4, ::4])
    assert advised(qtbot, dock) == "natural-x3"
    assert dock.advice.button.text() == "&Use natural-x4"
    dock.advice.button.click()
    assert dock.models.entry.name == "natural-x4"
    viewer.add_image(frame())
    assert advised(qtbot, dock) == "micro-x2"


def test_labels_are_enlarged_as_the_image_that_they_lie_on(viewer, dock, qtbot):
    scale = (0.2, 0.2)
    viewer.add_image(frame(), name="cells", scale=scale)
    viewer.add_image(astronaut()[::4, ::4], name="photograph")
    assert advised(qtbot, dock) == "natural-x4"
    viewer.add_labels(np.eye(96, dtype=int), name="nuclei", scale=scale)
    assert advised(qtbot, dock) == "micro-x2"
    viewer.add_labels(np.eye(9, dtype=int), name="elsewhere")
    assert advised(qtbot, dock) == "micro-x2" and dock.advice.choice is None


def test_a_table_for_white_noise_is_said_to_belong_to_the_denoise_dock(viewer, dock, qtbot):
    viewer.add_image(frame(), name="cells")
    advised(qtbot, dock)
    assert "Denoise" not in dock.summary.text()
    choose(dock.models, "denoise-10")
    assert "Layers > Filter > Denoise finds the noise first" in dock.summary.text()
    choose(dock.models, "deblock-jpeg")
    assert "Denoise" not in dock.summary.text()


def test_without_an_image_nothing_is_said(viewer, dock, qtbot):
    layer = viewer.add_image(frame())
    advised(qtbot, dock)
    viewer.layers.remove(layer)
    advised(qtbot, dock)
    assert not dock.advice.isVisible()

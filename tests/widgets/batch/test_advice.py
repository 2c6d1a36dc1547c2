"""The model that the folder dock offers for the images of a folder."""

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt

from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.widgets.batch import work
from tests.pictures import photograph


@pytest.fixture
def viewer():
    """A viewer without a window, with the shipped tables."""
    return ViewerModel()


@pytest.fixture
def micrographs(tmp_path):
    """Two noisy frames of 16 bits."""
    folder = tmp_path / "cells"
    folder.mkdir()
    for number in range(2):
        counts = np.random.default_rng(number).poisson(40, (64, 64)).astype(np.uint16)
        write_image(folder / f"{number}.tif", ImageFile(counts, "YX"))
    return folder


@pytest.fixture
def photographs(tmp_path):
    """One photograph."""
    folder = tmp_path / "views"
    folder.mkdir()
    write_image(folder / "view.png", ImageFile(photograph(), "YXS"))
    return folder


def advised(qtbot, dock, folder):
    dock.source.folder = folder
    qtbot.waitUntil(lambda: dock._advised_for == (folder, True) and not dock.advice.busy)
    return dock.models.entry.name


def test_the_model_follows_the_folder(dock, qtbot, micrographs, photographs):
    assert advised(qtbot, dock, micrographs) == "micro-x2"
    assert dock.advice.line.text().startswith("16-bit, noise of about ")
    assert dock.advice.line.text().endswith("(2 of 2 files looked at): micro-x2")
    assert dock.scale.value() == 2
    assert advised(qtbot, dock, photographs) == "natural-x4"
    assert dock.advice.line.text() == "8-bit, RGB, photograph: natural-x4"


def test_what_the_user_chooses_stays_and_the_other_is_suggested(dock, qtbot, micrographs):
    dock.models.pick_name("natural-x3")
    assert advised(qtbot, dock, micrographs) == "natural-x3"
    assert dock.advice.line.text().startswith("Suggested: 16-bit")
    dock.advice.button.click()
    assert dock.models.entry.name == "micro-x2"


def test_a_folder_without_images_has_no_advice(dock, qtbot, micrographs, tmp_path):
    advised(qtbot, dock, micrographs)
    (tmp_path / "empty").mkdir()
    advised(qtbot, dock, tmp_path / "empty")
    assert dock.advice.choice is None and dock.advice.isHidden()


def test_run_pressed_at_once_waits_for_the_model(dock, qtbot, micrographs):
    dock.source.folder = micrographs
    qtbot.mouseClick(dock.run_bar.button, Qt.MouseButton.LeftButton)
    assert not dock.run_bar.running
    assert dock.run_bar.status.text().startswith("Choosing the model that suits the images")
    out = micrographs.parent / "cells-upscaled" / "1.tif"
    qtbot.waitUntil(lambda: not dock.run_bar.running and out.exists())
    assert read_image(out).history[-1].model == "micro-x2"


def test_a_run_that_waits_is_not_for_another_folder(dock, qtbot, micrographs, photographs):
    dock.source.folder = micrographs
    dock.run_bar.button.click()
    advised(qtbot, dock, photographs)
    assert not dock.run_bar.running
    assert not (photographs.parent / "views-upscaled").exists()


def test_run_goes_on_where_no_model_can_be_chosen(dock, qtbot, micrographs, monkeypatch):
    def refuse(*_):
        raise ValueError("found no file with an image to choose a model by")

    monkeypatch.setattr(work, "choose_model_of_files", refuse)
    dock.source.folder = micrographs
    dock.run_bar.button.click()
    out = micrographs.parent / "cells-upscaled" / "1.tif"
    qtbot.waitUntil(lambda: not dock.run_bar.running and out.exists())
    assert read_image(out).history[-1].model == "natural-x4"

"""The box of the lens in the Upscale dock."""

import numpy as np

from napari_autolut.storage import catalogue_changes
from tests.imagelayers import picture
from tests.widgets.upscale_dock import choose, names, run


def test_a_model_that_is_deleted_under_the_lens_gives_way_to_another_one(
    viewer, dock, qtbot, notes, models_folder
):
    viewer.add_image(picture(20, 20), name="image")
    choose(dock.models, "small-x2 (own)")
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(lambda: dock.lens.layer is not None, timeout=30_000)
    for path in models_folder.glob("small-x[24].safetensors"):
        path.unlink()
    viewer.layers["image"].contrast_limits = (5, 50)
    qtbot.waitUntil(lambda: not dock.lens.busy, timeout=30_000)
    assert names(viewer) == ["image", "Lens: image (small-x2)"], "what is in memory still works"
    catalogue_changes.happened.emit()
    expected = "The model small-x2 is gone: its file was removed. small-x1 (own) is chosen now."
    assert dock.run_bar.status.text() == expected
    qtbot.waitUntil(lambda: names(viewer) == ["image", "Lens: image (small-x1)"], timeout=30_000)
    (models_folder / "small-x1.safetensors").unlink()
    catalogue_changes.happened.emit()
    expected = "The model small-x1 is gone: its file was removed. No other one is left."
    assert dock.run_bar.status.text() == expected
    assert dock.lens_line.text().startswith("No model was found: reinstall napari-autolut")
    assert names(viewer) == ["image"]
    assert notes == []


def test_the_lens_gives_way_to_a_result(viewer, dock, qtbot):
    viewer.add_image(picture(20, 20), name="image")
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(lambda: dock.lens.layer is not None, timeout=30_000)
    run(qtbot, dock)
    assert names(viewer) == ["image", "image (small-x1)"]
    assert not dock.lens_box.isChecked()


def test_of_an_image_and_its_labels_the_lens_shows_the_image(viewer, dock, qtbot):
    image = viewer.add_image(picture(20, 20), name="image")
    labels = viewer.add_labels(np.ones((20, 20), int), name="cells")
    viewer.layers.selection = {image, labels}
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(lambda: dock.lens.layer is not None, timeout=30_000)
    assert dock.lens_line.text().startswith("Shows 'image'")
    assert "Lens: image (small-x1)" in names(viewer)


def test_the_box_of_the_lens_says_when_it_went_off(viewer, dock, qtbot):
    viewer.add_image(picture(20, 20), name="other")
    viewer.add_image(picture(20, 20), name="image")
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(lambda: dock.lens.layer is not None, timeout=30_000)
    viewer.layers.remove("image")
    assert not dock.lens_box.isChecked()
    assert dock.lens_line.text() == "Lens off: 'image' was removed."
    qtbot.waitUntil(lambda: names(viewer) == ["other"])

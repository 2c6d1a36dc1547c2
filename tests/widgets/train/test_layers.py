"""Open layers as training data: written for the trainer, and what of them is not used."""

import dask.array as da
import numpy as np
from qtpy.QtCore import Qt

from napari_autolut.training.runs import list_runs
from napari_autolut.training.session import State
from tests.pictures import picture
from tests.widgets.train_dock import press, reach


def test_layers_are_written_for_the_trainer(dock, viewer, qtbot):
    stack = viewer.add_image(picture((3, 64, 64), "uint16"), name="cells")
    viewer.add_image(picture((64, 64)), name="other")
    dock.source.kind.setCurrentIndex(1)
    checklist = dock.source.layers
    assert [layer.name for layer in checklist.checked] == ["cells"]
    checklist.item(0).setCheckState(Qt.CheckState.Checked)
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    assert dock.findings.images.count() == 2
    press(qtbot, dock.findings.next)
    viewer.layers.remove(stack)
    press(qtbot, dock.settings.start)
    reach(qtbot, dock, State.RUNNING)
    run = dock.session.training.run
    folder = run.folder / "open layers other cells"
    assert run.request.images == folder
    assert run.request.training_data == "2 open layers: other, cells"
    assert len(list(folder.iterdir())) == 2


def test_what_of_layers_is_not_used_is_named(dock, viewer, qtbot):
    torn = picture((80, 64)).astype(np.float32)
    torn[:16] = np.nan
    viewer.add_image(torn, name="torn", contrast_limits=(0, 255))
    viewer.add_image(np.kron(np.eye(4, dtype=np.uint8), np.ones((16, 16), np.uint8)), name="mask")
    lazy = da.from_array(torn, chunks=32)
    viewer.add_image(lazy, name="lazy", contrast_limits=(0, 255))
    dock.source.kind.setCurrentIndex(1)
    for number in range(3):
        dock.source.layers.item(number).setCheckState(Qt.CheckState.Checked)
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    said = [dock.findings.skipped.item(n).text() for n in range(dock.findings.skipped.count())]
    assert len(said) == 2 and said[0].startswith("mask") and said[1].startswith("torn")
    assert dock.findings.skipped_title.text() == "1 layer skipped, 1 used in part"
    assert "a mask" in said[0]
    assert "NaN or infinite values at the borders; 64 x 64 of 64 x 80 pixels are used" in said[1]
    assert dock.findings.images.count() == 2


def test_writing_layers_can_be_cancelled(dock, viewer, qtbot, wait_for_threads):
    viewer.add_image(picture((3, 128, 128), "uint16"), name="cells")
    dock.source.kind.setCurrentIndex(1)
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    press(qtbot, dock.findings.next)
    press(qtbot, dock.settings.start)
    assert dock.session.preparing
    assert dock.page is dock.running
    press(qtbot, dock.running.cancel)
    assert dock.page is dock.source
    wait_for_threads()
    assert not dock.session.busy
    assert list_runs() == []

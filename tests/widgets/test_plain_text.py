"""Text from files is text: no widget takes a name, a path or a card for HTML."""

from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QAbstractListModel, QModelIndex, Qt
from qtpy.QtWidgets import QAbstractItemView, QComboBox, QLabel, QMessageBox, QWidget

from napari_autolut.isotropic import save_axial_tables
from napari_autolut.isotropic.table import cubic_table
from napari_autolut.layers import Provenance
from napari_autolut.layers.provenance import METADATA_KEY
from napari_autolut.model import Card
from napari_autolut.storage import save_model
from napari_autolut.training.events import Preview, Started, Validation
from napari_autolut.training.process import End, Outcome
from napari_autolut.training.record import TrainingRecord
from napari_autolut.training.runs import begin_run
from napari_autolut.training.session import State
from napari_autolut.widgets.batch.dock import BatchWidget
from napari_autolut.widgets.compare.dock import CompareWidget
from napari_autolut.widgets.denoise.dock import DenoiseWidget
from napari_autolut.widgets.isotropic.dock import IsotropicWidget
from napari_autolut.widgets.models.panel import ModelPanel
from napari_autolut.widgets.shared.plain_text import LONGEST, plain
from napari_autolut.widgets.train.questions import _box
from napari_autolut.widgets.train.running import RunningPage
from napari_autolut.widgets.train.runs import RunEntry
from napari_autolut.widgets.upscale.dock import UpscaleWidget
from tests.conftest import small_model
from tests.pictures import picture
from tests.training_runs import request_of, save
from tests.widgets.train_dock import find_images, prepare
from tests.widgets.upscale_dock import run

EVIL = "MARK<b>bold<b><img src=nowhere.png>\u202egnp"
"""A name that files may have, too, whose end is read backwards; it is in all that is looked for."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")


def shown(widget: QWidget) -> list[tuple[str, str, bool]]:
    """Where, what, and whether Qt would draw it as HTML, of all that a widget shows or holds."""
    texts = []
    for each in (widget, *widget.findChildren(QWidget)):
        kind = type(each).__name__
        texts.append((f"tip of {kind}", each.toolTip(), Qt.mightBeRichText(each.toolTip())))
        if isinstance(each, QLabel) and each.textFormat() != Qt.TextFormat.PlainText:
            rich = each.textFormat() != Qt.TextFormat.AutoText or Qt.mightBeRichText(each.text())
            texts.append((f"text of {kind}", each.text(), rich))
        elif isinstance(each, QLabel):
            texts.append((f"text of {kind}", each.text(), False))
        for view in (QAbstractItemView, QComboBox):  # docks have other things named "model"
            if isinstance(each, view) and view.model(each) is not None:
                texts += [(f"{what} in {kind}", *text) for what, text in _items(view.model(each))]
    return texts


def _items(model, parent=None, depth=0):
    parent = QModelIndex() if parent is None else parent
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
    for row in range(model.rowCount(parent)):
        for column in range(columns):
            index = model.index(row, column, parent)
            tip = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
            yield "tip of an item", (tip, Qt.mightBeRichText(tip))
            yield "an item", (str(index.data() or ""), False)  # views draw it as it is
            if depth < 3 and column == 0:
                yield from _items(model, index, depth + 1)


def assert_plain(*widgets: QWidget, places: int) -> None:
    """Nothing is drawn as HTML, and the name is really seen in so many places."""
    texts = [each for widget in widgets for each in shown(widget)]
    assert [(where, text) for where, text, rich in texts if rich] == []
    of_ours = [text for where, text, _ in texts if where.startswith(("tip", "text"))]
    assert [text for text in of_ours if "\u202e" in text] == []
    assert len({where for where, text, _ in texts if "MARK" in text}) >= places, texts


@pytest.fixture
def evil_models(small_models):
    """A user model whose card and name are hostile, and one that is broken."""
    card = Card(EVIL, description=EVIL, licence=EVIL, training_data=EVIL, recipe=EVIL, source=EVIL)
    card = replace(card, benchmark={EVIL: {"psnr_y": 30.0}})
    save_model(replace(small_model("small-x2", 2), card=card), small_models / f"{EVIL}.safetensors")
    (small_models / f"broken {EVIL}.safetensors").write_bytes(b"nothing")
    return small_models


@pytest.fixture
def opened(evil_models, qtbot, wait_for_threads):
    """Open a dock beside hostile layers."""
    docks = []

    def made(kind, *layers):
        viewer = ViewerModel()
        for number, pixels in enumerate(layers):
            viewer.add_image(pixels, name=f"{EVIL} {number}")
        dock = kind(viewer)
        docks.append(dock)
        qtbot.addWidget(dock)
        dock.show()
        return dock

    yield made
    for dock in docks:
        if hasattr(dock, "run_bar"):
            dock.run_bar.cancel()
        if hasattr(dock, "tear_down"):
            dock.tear_down()
    wait_for_threads()


def test_upscale(opened, qtbot):
    dock = opened(UpscaleWidget, picture((12, 12)), picture((12, 12)))
    dock.layers._viewer.layers.select_all()
    assert dock.models.pick_name(EVIL)
    dock.models.showPopup()
    assert_plain(dock, dock.models.popup, places=5)
    dock.models.hidePopup()
    run(qtbot, dock)
    assert_plain(dock, places=4)


def test_upscale_refuses_in_plain_text(opened, qtbot, notes):
    dock = opened(UpscaleWidget, picture((12, 12)))
    dock.run_bar.refuse(ValueError(f"{EVIL}: no such file"))
    assert [Qt.mightBeRichText(note) for note in notes] == [False]
    assert "MARK" in notes[0]


def test_denoise(opened):
    assert_plain(opened(DenoiseWidget, picture((40, 40)), picture((40, 40))), places=1)


def test_isotropic(opened, tmp_path):
    dock = opened(IsotropicWidget, np.stack([picture((32, 32))] * 8))
    dock.table.use(save_axial_tables([cubic_table(4)], tmp_path / f"{EVIL}.safetensors"))
    assert_plain(dock, places=2)


def test_compare(opened):
    assert_plain(opened(CompareWidget, picture((12, 12)), picture((12, 12))), places=3)


def test_batch(opened, qtbot, tmp_path):
    dock = opened(BatchWidget)
    folder = tmp_path / EVIL
    save(folder / f"{EVIL}.png", picture((8, 8)))
    (folder / f"broken {EVIL}.png").write_bytes(b"nothing")
    dock.source.folder = folder
    qtbot.waitUntil(lambda: dock.table.rows.rowCount() == 2)
    run(qtbot, dock)
    assert_plain(dock, places=2)


def test_train(train_dock, evil_models, qtbot, tmp_path):
    folder = tmp_path / EVIL
    for number in range(3):
        save(folder / f"{EVIL} {number}.png", picture((128, 128), seed=number))
    (folder / f"broken {EVIL}.png").write_bytes(b"nothing")
    find_images(qtbot, train_dock, folder)
    assert_plain(train_dock, places=3)
    prepare(qtbot, train_dock, folder)
    assert_plain(train_dock, places=3)


def test_a_training_and_what_it_emits(models_folder, qtbot):
    request = request_of(models_folder / "images", EVIL, training_data=EVIL)
    run = replace(begin_run(request), begun=EVIL)
    run.table.write_bytes(b"nothing")
    events = (
        Started(9, 1, {EVIL: EVIL}, 30.0, (EVIL,), EVIL),
        Validation(10, 31.0, 30.0, True),
        Preview(10, EVIL),
    )
    record = TrainingRecord.of(events)
    page, end = RunningPage(), End(Outcome.FAILED, EVIL, EVIL)
    entry = RunEntry(run)
    for each in (page, entry):
        qtbot.addWidget(each)
    state = {"measures": False, "model": None, "over": True, "state": State.ENDED, "end": end}
    page.show_training(SimpleNamespace(run=run, record=record, **state))
    assert_plain(page, places=2)
    assert_plain(entry, places=1)
    assert "MARK" in page.failure.log.toPlainText()


@pytest.mark.parametrize("kind", [UpscaleWidget, DenoiseWidget, IsotropicWidget, CompareWidget])
def test_what_layers_say_of_themselves(opened, kind, notes):
    dock = opened(kind, np.stack([picture((40, 40))] * 8))
    (layer,) = dock.layers._viewer.layers
    layer.axis_labels = (EVIL, "y", "x")
    made = Provenance(EVIL, f"no {EVIL}", 2, noise=EVIL, value_range=EVIL).as_metadata()
    other = dock.layers._viewer.add_image(
        picture((40, 40)), name=EVIL, metadata={METADATA_KEY: made, EVIL: EVIL}
    )
    dock.layers._viewer.layers.selection.active = other
    if kind is UpscaleWidget:
        dock.reuse.button.click()
        assert [("MARK" in note, Qt.mightBeRichText(note)) for note in notes] == [(True, False)]
    assert_plain(dock, places=2)


def test_models(evil_models, qtbot, notes, monkeypatch):
    panel = ModelPanel()
    qtbot.addWidget(panel)
    assert panel.models.pick_name(EVIL)
    assert_plain(panel, panel.models, panel.models.popup, places=2)
    panel.add_files([evil_models / f"broken {EVIL}.safetensors"])
    asked = []
    monkeypatch.setattr(QMessageBox, "question", lambda *arguments: asked.append(arguments[2]))
    panel._ask_and_remove()
    assert [Qt.mightBeRichText(text) for text in (*notes, *asked)] == [False] * 2


def test_questions(qtbot):
    box = _box(None, "title", f"{EVIL}?", EVIL)
    qtbot.addWidget(box)
    assert_plain(box, places=1)


@pytest.mark.parametrize(
    "text",
    [EVIL.replace("\u202e", ""), "<p>x", "&lt;b", "<?xml?><p>x</p>", "<!doctype html>", "\n<b>x"],
)
def test_qt_takes_it_for_no_html(text):
    assert not Qt.mightBeRichText(plain(text))
    assert plain(text).replace("\N{ZERO WIDTH SPACE}", "") == text


def test_other_text_stays_as_it_is():
    assert (
        plain("C:\\cells & nuclei\nµm").replace("\N{ZERO WIDTH SPACE}", "")
        == "C:\\cells & nuclei\nµm"
    )
    assert len(plain("x" * 10**6)) == LONGEST + 1


def test_marks_that_make_a_name_pass_for_another_one():
    """Tool tips and questions show them as the shell does; what is plain stays as it is."""
    assert plain("rtl\u202egnp.exe\x1b[31m\u2066") == r"rtl\u202egnp.exe\x1b[31m\u2066"
    ours = plain("first line of 128 \N{MULTIPLICATION SIGN} 128 px\n\tsecond <b>")
    assert ours.startswith("first line of 128 \N{MULTIPLICATION SIGN} 128 px\n\tsecond <")
    assert plain(ours).replace("\u200b", "") == ours.replace("\u200b", "")

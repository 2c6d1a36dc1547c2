"""The picture of a run in progress: what it shows, when it comes, and that it goes."""

import json

import numpy as np
from skimage import io

from autolut_training.api import train_folder
from autolut_training.loop import trainer
from autolut_training.models.cascade import Cascade
from autolut_training.report import previews
from autolut_training.report.previews import Previews, preview_path
from autolut_training.report.validation import by_table
from autolut_training.settings import Settings
from napari_autolut.arrays.bicubic import resize
from napari_autolut.model import Card
from napari_autolut.training.events import Preview, Step, as_json

SMALL = Settings.of(scale=2, channels=(1,), branches=1, window=3, skip=False, steps=4, minutes=None,
                 grids=((0.0, 3),), batch=1, crop=16, multi_scale=())  # fmt: skip

UNTRAINED = Cascade(SMALL.model.architecture, 3).to_model(Card("untrained"))


def view(lively_at=None, side=120):
    """A nearly flat image with one busy square of 40 HR pixels."""
    hr = np.full((side * 2, side * 2), 100, np.float32)
    hr[::7] += 1
    if lively_at:
        row, column = lively_at
        hr[row : row + 40, column : column + 40] += 100 * (np.indices((40, 40)).sum(0) // 5 % 2)
    return hr, hr[::2, ::2].copy()


def test_panels_of_the_liveliest_place(tmp_path):
    path = tmp_path / "t.preview.png"
    pictures = Previews([view(), view((190, 30))], 2, path)
    pictures.draw(by_table(UNTRAINED), 0.0)
    shown = io.imread(path)
    assert shown.dtype == np.uint8 and shown.shape == (192, 4 * 192)
    nearest, bicubic, table, truth = np.split(shown.astype(int), 4, 1)
    np.testing.assert_array_equal(nearest[::2, ::2], nearest[1::2, 1::2])
    np.testing.assert_array_equal(nearest[::2, ::2], truth[::2, ::2])
    assert truth.max() > 250 and truth.min() < 5, "the busy square is there, stretched"
    again = resize(nearest[::2, ::2].astype(np.float32), 2)
    assert np.abs(bicubic - np.clip(again, 0, 255)).max() < 4
    assert np.abs(table - nearest).mean() < 12, "an untrained table enlarges the pixels"
    assert np.abs(table - truth).mean() > 0
    assert not pictures.due, "the next one waits its turn"


def test_small_held_out_images_give_small_panels(tmp_path):
    Previews([view(side=20), view(side=30)], 2, tmp_path / "p.png").draw(by_table(UNTRAINED), 0.0)
    assert io.imread(tmp_path / "p.png").shape == (60, 240)


def test_a_run_tells_of_its_previews_and_removes_them(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_STEP_EVENTS", 0.0)
    monkeypatch.setattr(previews, "SECONDS_BETWEEN_PREVIEWS", 0.0)
    monkeypatch.setattr(previews, "SHARE_OF_TIME", 1e9)
    out = tmp_path / "t.safetensors"
    told = []
    for event in train_folder(folder, out, SMALL, previews=True):
        if isinstance(event, Preview):
            assert event.path == str(preview_path(out))
            assert io.imread(event.path).shape == (32, 128)
        told.append(event)
    assert [e.step for e in told if isinstance(e, Preview)] == [1, 2, 3, 4]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["images", "t.safetensors"]
    assert all(e.memory_mb > 10 for e in told if isinstance(e, Step))
    line = json.loads(as_json(next(e for e in told if isinstance(e, Preview))))
    assert line == {"event": "preview", "step": 1, "path": str(preview_path(out))}


def test_no_preview_unless_asked(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_STEP_EVENTS", 0.0)
    told = train_folder(folder, tmp_path / "t.safetensors", SMALL.changed(steps=2))
    assert not any(isinstance(event, Preview) for event in told)


def test_a_picture_that_cannot_be_written_stops_nothing(folder, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_STEP_EVENTS", 0.0)
    monkeypatch.setattr(Previews, "draw", full)
    told = list(train_folder(folder, tmp_path / "t.safetensors", SMALL, previews=True))
    assert told[-1].step == 4 and not any(isinstance(event, Preview) for event in told)

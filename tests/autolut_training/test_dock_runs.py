"""What the dock asks for, and the real trainer: the two understand each other."""

from fractions import Fraction

import pytest
from skimage import io

from autolut_training.api import train_request
from napari_autolut import load_model
from napari_autolut.arrays.bicubic import resize
from napari_autolut.training.process import Outcome
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import begin_run, list_runs
from napari_autolut.training.session import Training
from tests.training_runs import request_of, until


@pytest.fixture
def train(models_folder):
    """Starts trainings; ends what is left of them."""
    started = []

    def start(run):
        started.append(Training(run))
        return started[-1]

    yield start
    for each in started:
        each.discard()
        until(lambda each=each: each.poll() or each.over)


def follow(training):
    """Up to its end; the trainer is patient, and others may keep the machine busy."""
    until(lambda: (training.poll(), training.over)[1], seconds=240)


def test_a_training_from_start_to_model(folder, train):
    how = {"method": "gaussian", "sigma": 1.0, "noise": 3.0}
    run = begin_run(request_of(folder, recipe="light", minutes=None, steps=8, degradation=how))
    training = train(run)
    follow(training)
    assert (training.end.outcome, training.end.reason) == (Outcome.DONE, "")
    model = load_model("own-x2")
    assert model.scale == 2
    assert model.card.training_data.startswith("images: 4 images; fine-tuned from natural")
    assert "Gaussian noise of 3" in model.card.description
    assert training.record.psnr and training.record.bicubic is not None
    assert list_runs() == []


def test_pairs(folder, models_folder, tmp_path):
    """What the trainer reads of it; the test above has a process of its own for that."""
    small = tmp_path / "small"
    small.mkdir()
    for path in folder.iterdir():
        io.imsave(small / path.name, resize(io.imread(path), Fraction(1, 2)))
    run = begin_run(request_of(folder, recipe="light", minutes=None, steps=4, lr=small))
    train_request(TrainRequest.read(run.write_request()))
    assert load_model(run.table).scale == 2

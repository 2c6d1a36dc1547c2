"""What the tests of trainings share: a request, a trainer that does as it is told, and patience."""

import sys
import time
from pathlib import Path
from threading import Event

from skimage import io

from napari_autolut.storage.catalogue import list_models
from napari_autolut.training.request import TrainRequest

FAKE = Path(__file__).parent / "fake_trainer.py"


def request_of(folder, name="own-x2", **changes):
    """A training on a folder that is there."""
    Path(folder).mkdir(exist_ok=True)
    asked = {"scale": 2, "minutes": 1.0, "training_data": "images: 4 images", **changes}
    return TrainRequest(Path(folder), Path(f"{name}.safetensors"), **asked)


def use_fake_trainer(monkeypatch, models_folder, how):
    """Start the stand-in from now on; ``small-x2`` is what it learns."""
    program = (sys.executable, str(FAKE))
    monkeypatch.setattr("napari_autolut.training.process.PROGRAM", program)
    monkeypatch.setenv("FAKE_TRAINER", how)
    monkeypatch.setenv("FAKE_TABLE", str(models_folder / "small-x2.safetensors"))


def until(condition, seconds=30.0):
    """Ask again and again until something is so."""
    end, pause = time.monotonic() + seconds, Event()
    while not (result := condition()):
        assert time.monotonic() < end, "it took too long"
        pause.wait(0.005)
    return result


def own_models():
    """Names of the user's models."""
    return [entry.name for entry in list_models() if entry.origin == "user"]


def save(path, image):
    """Write an image file, and its folder."""
    path.parent.mkdir(exist_ok=True, parents=True)
    io.imsave(path, image, check_contrast=False)

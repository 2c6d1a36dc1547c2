"""What is said where training is not possible."""

import platform
import sys

import pytest

from napari_autolut.engine import plane_engine
from napari_autolut.training.trainer import training_api
from napari_autolut.util import optional
from napari_autolut.util.optional import MissingDependencyError, training_problem


@pytest.fixture
def torch_of(monkeypatch):
    """Pretends that this version of torch is installed; None for none."""

    def pretend(version):
        monkeypatch.setattr(optional, "torch_installed", lambda: version is not None)
        monkeypatch.setattr(optional, "version", lambda _: version)

    return pretend


def test_macs_with_an_intel_processor_upscale_and_do_not_train(torch_of, monkeypatch):
    torch_of("2.2.2")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with pytest.raises(MissingDependencyError, match=r"Intel processor .* upscaling and denoising"):
        training_api()


@pytest.mark.parametrize(("version", "words"), [
    (None, "needs PyTorch, which is not installed"),
    ("2.3.1+cpu", "found PyTorch 2.3.1.cpu, expected 2.4 or newer"),
    ("2.4.0", ""),
    ("2.13.0+cu128", ""),
])  # fmt: skip
def test_the_oldest_torch_that_works_is_asked_for(torch_of, version, words):
    torch_of(version)
    problem = training_problem()
    assert problem == "" if not words else words in problem.replace("+", ".")
    if words:
        with pytest.raises(MissingDependencyError) as error:
            plane_engine.__wrapped__("torch")  # whatever was made before
        assert str(error.value) == problem.replace("training", "the torch engine", 1)

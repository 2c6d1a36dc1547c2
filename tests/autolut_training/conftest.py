"""Fixtures for the tests of training."""

import contextlib

import pytest
from skimage import data, io

with contextlib.suppress(ImportError):
    # Before any test opens a window: an optimiser imports triton, whose LLVM crashes the process
    # when Mesa's is there already.
    import triton  # noqa: F401


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """Crops of a few pixels are sooner computed than shared out to threads."""
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "1")


@pytest.fixture
def folder(tmp_path):
    """Three pieces of a photograph, 96 x 96 grey pixels each."""
    images = tmp_path / "images"
    images.mkdir()
    for i in range(3):
        io.imsave(images / f"{i}.png", data.camera()[i * 96 : i * 96 + 96, 128:224])
    return images

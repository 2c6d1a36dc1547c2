"""Fixtures for several test files: small models and a catalogue that holds them."""

import gc
import importlib
import os
import shutil
import signal
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import settings

from napari_autolut.model import Card, LutModel
from napari_autolut.storage import catalogue, save_model, user_models_folder
from tests.models import random_model

# Workers beside each other share the cores, and threads that wait must not keep one busy; read when
# torch or OpenMP is first loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Without a card Triton's kernels are interpreted; read when Triton is first loaded, as torch does.
if shutil.which("nvidia-smi") is None:
    os.environ.setdefault("TRITON_INTERPRET", "1")

# nohup and shells in the background start their children deaf to Ctrl-C, and tests press it; what
# this process listens to again, its children do, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What is imported while tests are collected stays: it is looked through for garbage neither then
# nor by what napari collects with every window and every last layer, a second each time.
gc.disable()


def pytest_collection_finish():
    """Spare the collector what was imported, and what a fixture of napari's imports later."""
    with suppress(ImportError):
        importlib.import_module("napari._qt.qt_main_window")
    gc.collect()
    gc.freeze()
    gc.enable()


# Kernels are compiled during examples, so none has a deadline.
settings.register_profile("fast", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=60, deadline=None)
settings.load_profile("fast")


def ship(monkeypatch, folder):
    """Take the models in a folder, which need not exist, for those that came with the plugin."""
    monkeypatch.setattr(catalogue, "_shipped", lambda: tuple(catalogue._entries(folder, "shipped")))


def small_model(name: str, *upscales: int) -> LutModel:
    """A quick model that does something to its input."""
    model = random_model(np.random.default_rng(7), upscales=upscales, grid_size=5, window=2)
    card = Card(
        name,
        description="Small tests",
        licence="CC0-1.0",
        training_data="random numbers",
        benchmark={"Set5": {"psnr_y": 12.345}},
    )
    return replace(model, card=card)


@pytest.fixture
def model() -> LutModel:
    """Doubles rows and columns."""
    return small_model("small-x2", 1, 2)


@pytest.fixture
def model_file(tmp_path, model):
    """The same in a file."""
    return save_model(model, tmp_path / "small-x2.safetensors")


@pytest.fixture
def models_folder(tmp_path, monkeypatch):
    """The user's own models, in a folder of this test: small-x1, small-x2 and small-x4."""
    monkeypatch.setattr(
        "napari_autolut.storage.catalogue.user_data_dir", lambda *_, **__: str(tmp_path)
    )
    folder = user_models_folder()
    folder.mkdir()
    for scale in (1, 2, 4):
        made = small_model(f"small-x{scale}", scale)
        save_model(made, folder / f"{made.name}.safetensors")
    return folder


@pytest.fixture
def integers_of_32_bits(monkeypatch):
    """Ranges as numpy 1 makes them on Windows, where nobody says which integers."""
    arange = np.arange

    def of_32_bits(*ends, dtype=np.int32):
        return arange(*ends, dtype=dtype)

    monkeypatch.setattr(np, "arange", of_32_bits)

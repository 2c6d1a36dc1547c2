"""A good model file, and what tests do to it. Belongs here: helpers of the storage tests."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from napari_autolut.storage import ModelFileError, load_model_file, save_model
from napari_autolut.storage.model_file import MODEL_FILE
from napari_autolut.storage.tensor_file import tensor_digest
from tests.models import random_model


def good_file(folder: Path) -> Path:
    """A file made of every part a model can have."""
    model = random_model(
        np.random.default_rng(0),
        upscales=(1, 1, 2),
        residual=True,
        channels=2,
        channel_node=True,
        table_dtype="int8",
        dual=True,
        rounding="stage",
    )
    return save_model(model, folder / "good.safetensors")


def opened(path):
    with safe_open(path, framework="numpy") as stream:
        tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118
        return json.loads(stream.metadata()[MODEL_FILE.key]), tensors


def rewritten(path, change):
    """The file with ``change(description, tensors)`` applied and a matching sha256."""
    description, tensors = opened(path)
    change(description, tensors)
    if "sha256" in description:
        description["sha256"] = tensor_digest(tensors)
    save_file(tensors, path, {MODEL_FILE.key: json.dumps(description)})
    return path


def refused(path, *parts):
    with pytest.raises(ModelFileError) as caught:
        load_model_file(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    for part in ("found", "expected", *parts):
        assert part in message
    return message

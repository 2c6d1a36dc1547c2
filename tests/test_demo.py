"""The demonstration, from its command line to the picture it leaves."""

import os
import subprocess
import sys

import numpy as np
from skimage.io import imread

from napari_autolut.storage import save_model
from tests.conftest import small_model


def demo(tmp_path, *arguments):
    environment = {
        **os.environ,
        "XDG_DATA_HOME": str(tmp_path),
        "NAPARI_CONFIG": str(tmp_path / "settings.yaml"),
    }
    command = [sys.executable, "-m", "napari_autolut.demo", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)


def test_the_demo_writes_a_picture_of_the_window_and_ends(tmp_path, qapp):
    folder = tmp_path / "napari-autolut" / "models"
    folder.mkdir(parents=True)
    save_model(small_model("small-x4", 4), folder / "small-x4.safetensors")
    picture = tmp_path / "window.png"
    ended = demo(tmp_path, "--screenshot", str(picture))
    assert ended.returncode == 0, ended.stderr
    window = imread(picture)
    assert min(window.shape[:2]) > 500
    colours = window[..., :3].astype(np.uint32) @ [1, 256, 65536]
    assert len(np.unique(colours)) > 1000

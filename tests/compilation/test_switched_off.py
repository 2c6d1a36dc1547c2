"""Where numba's compiler is switched off, the reference engine does the work."""

import os
import subprocess
import sys

CODE = """
import numpy as np
from napari_autolut import denoise, upscale
from napari_autolut.noise import NoiseModel
image = np.random.default_rng(0).integers(0, 4000, (40, 30)).astype(np.uint16)
print(upscale(image, "natural-x2-light").shape, denoise(image, noise=NoiseModel(1.0, 100.0)).shape)
try:
    upscale(image, engine="fast")
except ImportError as error:
    print(error)
"""


def test_kernels_that_cannot_run_are_not_used() -> None:
    env = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    shapes, sentence = done.stdout.splitlines()
    assert shapes == "(80, 60) (40, 30)"
    assert sentence == "numba's compiler is switched off: unset NUMBA_DISABLE_JIT"

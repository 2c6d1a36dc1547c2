"""The hand-written C kernel ``mulut.c``: compiled here, and called for one plane."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from napari_autolut.model import LutModel, Node, Table
from napari_autolut.model.symmetry import rotated_columns

SOURCE = Path(__file__).with_name("mulut.c")
Plane = np.ndarray


def c_kernel(model: LutModel) -> Callable[[Plane], Plane] | None:
    """MuLUT x4 on (H, W) uint8 planes in C with AVX2; None where it cannot be compiled."""
    if not shutil.which("gcc") or platform.machine() not in ("x86_64", "AMD64"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "mulut.so"
        subprocess.run(
            ["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", library, SOURCE], check=True
        )
        run = ctypes.CDLL(str(library)).mulut
    first, last = (_values(node) for node in model.nodes)
    inner = np.concatenate([values.reshape(-1) for values in first])
    rotated = [rotated_columns(16, 4, rotation) for rotation in range(4)]
    outer = np.concatenate([values[:, t].reshape(-1) for t in rotated for values in last])

    def upscale(plane: Plane) -> Plane:
        height, width = plane.shape
        out = np.empty((4 * height, 4 * width), np.uint8)
        arrays = [ctypes.c_void_p(a.ctypes.data) for a in (plane, inner, outer, out)]
        run(arrays[0], height, width, *arrays[1:])
        return out

    return upscale


def _values(node: Node) -> list[np.ndarray]:
    """Values of a node's tables."""
    return [table.values for table in node.tables if isinstance(table, Table)]

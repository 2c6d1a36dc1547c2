"""Kernels are set up quickly wherever files cannot be created, and call each other."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from numba import config, types

from napari_autolut.compilation import kernels
from napari_autolut.compilation.kernels import address, by_address, inner_kernel, kernel
from napari_autolut.compilation.under_way import compilations
from napari_autolut.util.temporary import TRIES


def test_kernels_are_set_up_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where no folder at all can be written, a kernel works without a cache."""
    seen = []

    def no_folder(_: object) -> None:
        seen.append(tempfile.TMP_MAX)
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(kernels, "KernelCache", no_folder)
    assert kernel(lambda x: x + 1)(2) == 3
    assert seen == [TRIES]


POSITIVE = types.void(types.int64)


@inner_kernel
def check_positive(number: int) -> None:
    if number < 0:
        raise ValueError("below 0")


check_there = by_address(POSITIVE)


@kernel
def check(place: int, number: int) -> None:
    check_there(place, (number,))


def test_an_error_comes_out_of_an_inner_kernel() -> None:
    place = address(check_positive, POSITIVE)
    check(place, 1)
    with pytest.raises(ValueError, match="below 0"):
        check(place, -1)


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_looked_for_as_before_once_a_kernel_is_compiled(
    collects: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    meanwhile: list[bool] = []
    (gc.enable if collects else gc.disable)()
    try:
        with compilations.watched(lambda: meanwhile.append(gc.isenabled())):
            assert kernel(lambda x: x + 1)(2) == 3
        assert gc.isenabled() == collects
    finally:
        gc.enable()
    assert meanwhile == [False]


FIRST_CALL = """
import numpy as np
from numba.core.event import install_recorder
from napari_autolut import upscale

with install_recorder("numba:compile") as seen:
    upscale(np.eye(16, dtype=np.uint8), "natural-x4-light")
print(*{event.data["dispatcher"].py_func.__name__ for _, event in seen.buffer})
"""


def test_a_first_call_compiles_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no function of numpy or of colours that a kernel might call."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    command = [sys.executable, "-c", FIRST_CALL]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    blocks = {"sample_block", "square_block", "look_up_block", "put_block"}
    rows = {"node_rows", "core_rows", "normalise_pixels", "store_pixels"}
    assert {*run.stdout.split()} == blocks | rows

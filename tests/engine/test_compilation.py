"""Kernels are set up quickly wherever files cannot be created, and call each other."""

from __future__ import annotations

import tempfile

import pytest
from numba import types

from napari_autolut.engine import compilation
from napari_autolut.engine.compilation import address, by_address, inner_kernel, kernel
from napari_autolut.util.temporary import TRIES


def test_kernels_are_set_up_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where no folder at all can be written, a kernel works without a cache."""
    seen = []

    def no_folder(_: object) -> None:
        seen.append(tempfile.TMP_MAX)
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(compilation, "KernelCache", no_folder)
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

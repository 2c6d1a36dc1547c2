"""Kernels are set up quickly wherever files cannot be created."""

from __future__ import annotations

import tempfile

import pytest

from napari_autolut.engine import compilation
from napari_autolut.engine.compilation import kernel
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

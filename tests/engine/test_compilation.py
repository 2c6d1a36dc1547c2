"""Kernels are set up quickly wherever files cannot be created."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from napari_autolut.engine import compilation
from napari_autolut.engine.compilation import TRIES, few_tries, kernel


def test_a_folder_without_rights_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where the folder looks as if it could be written."""
    tries = []

    def denied(path: object, *_: object, **__: object) -> int:
        tries.append(path)
        raise FileExistsError(17, "taken", str(path))

    before = tempfile.TMP_MAX
    with monkeypatch.context() as patch, few_tries():
        patch.setattr(os, "open", denied)
        with pytest.raises(OSError, match="No usable temporary file name"):
            tempfile.mkstemp(dir=str(Path.cwd()))
    assert len(tries) == TRIES
    assert before == tempfile.TMP_MAX


def test_kernels_are_set_up_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where no folder at all can be written, a kernel works without a cache."""
    seen = []

    def no_folder(_: object) -> None:
        seen.append(tempfile.TMP_MAX)
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr(compilation, "KernelCache", no_folder)
    assert kernel(lambda x: x + 1)(2) == 3
    assert seen == [TRIES]

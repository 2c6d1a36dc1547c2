"""Readers that are there, or are not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from npe2 import PluginManager

from tests.io.foreign.fake_bioio import FakeImage


@pytest.fixture
def bioio(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("bioio")
    module.BioImage = FakeImage
    monkeypatch.setitem(sys.modules, "bioio", module)
    monkeypatch.setattr("napari_autolut.io.foreign.bioio.find_spec", lambda _: True)


@pytest.fixture
def no_bioio(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("bioio", "dicom.reading", "mrc", "nifti", "nrrd"):
        monkeypatch.setattr(f"napari_autolut.io.foreign.{module}.find_spec", lambda _: None)
    monkeypatch.setattr("napari_autolut.io.foreign_kinds.find_spec", lambda _: None)


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginManager]:
    """A plugin manager in which nothing is installed."""
    manager = PluginManager()
    monkeypatch.setattr(manager, "discover", lambda *_, **__: 0)
    monkeypatch.setattr(PluginManager, "instance", classmethod(lambda _: manager))
    yield manager

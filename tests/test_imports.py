"""What three doors of the package load, seen in a fresh process; import-linter checks the rest."""

import subprocess
import sys

import pytest

GUI_AND_TORCH = {"napari", "qtpy", "PyQt6", "PyQt5", "PySide6", "torch", "autolut_training"}
HEAVY = {"numba", "dask", "skimage", "scipy", "tifffile", "pandas", "matplotlib"}


def loaded_by(module, names):
    """Which of the named packages a fresh process has loaded after importing a module."""
    code = f"import {module}, sys; print(*({names!r} & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def test_the_shell_loads_no_gui_and_no_torch():
    assert loaded_by("napari_autolut.cli.app", GUI_AND_TORCH) == []
    assert loaded_by("qtpy", GUI_AND_TORCH) != []


def test_importing_the_package_is_light():
    assert loaded_by("napari_autolut", HEAVY) == []


@pytest.mark.parametrize("dock", ["upscale", "denoise", "isotropic", "compare"])
def test_a_dock_opens_without_what_its_buttons_need_later(dock):
    """The window waits for what is imported; files are read and written in threads."""
    seen = {"napari_autolut.export", "napari_autolut.io", "napari_autolut.storage"}
    assert loaded_by(f"napari_autolut.widgets.{dock}.dock", seen) == ["napari_autolut.storage"]

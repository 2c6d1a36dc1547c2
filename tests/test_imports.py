"""What three doors of the package load, seen in a fresh process; import-linter checks the rest."""

import subprocess
import sys

GUI_AND_TORCH = {"napari", "qtpy", "PyQt6", "PyQt5", "PySide6", "torch", "autolut_training"}
HEAVY = {"numba", "dask", "skimage", "scipy", "tifffile", "pandas", "matplotlib", "PIL", "tqdm"}


def loaded_by(modules, names):
    """Which of the named packages a fresh process has loaded after importing modules."""
    code = f"import {modules}, sys; print(*sorted({names!r} & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def test_the_shell_loads_no_gui_no_torch_and_nothing_slow():
    """So that its help is there at once."""
    assert loaded_by("napari_autolut.cli.app", {"typer"} | GUI_AND_TORCH | HEAVY) == ["typer"]


def test_importing_the_package_is_light():
    assert loaded_by("napari_autolut", {"napari_autolut"} | HEAVY) == ["napari_autolut"]


def test_upscaling_loads_no_dask():
    """With pandas and xarray it takes half a second, before an array of numpy is computed."""
    seen = {"napari_autolut.arrays", "dask", "pandas"}
    assert loaded_by("napari_autolut.arrays", seen) == ["napari_autolut.arrays"]


def test_docks_open_without_what_their_buttons_need_later():
    """The window waits for what is imported; files are read and written in threads."""
    names = "upscale", "denoise", "isotropic", "compare"
    docks = ", ".join(f"napari_autolut.widgets.{name}.dock" for name in names)
    seen = {"napari_autolut.export", "napari_autolut.io", "napari_autolut.storage"}
    assert loaded_by(docks, seen) == ["napari_autolut.storage"]

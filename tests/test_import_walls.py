"""What each module may import, seen in a fresh process."""

import importlib.util
import subprocess
import sys

import pytest

CORE = ["model", "storage", "catalogue", "bicubic", "formats", "arrays", "jobs", "lazy", "geometry"]
CORE += ["engine", *(f"engine.{name}" for name in ("reference", "fast", "tiles", "blocks"))]
CORE += ["engine.intensity", "imagefiles", "pictures", "metrics", "evaluation", "file_upscaling"]
CORE += ["batch", "cluster", "failures", "file_blocks", "tiff_mapping", "tiff_tiles"]
CORE += ["upscale_command", "evaluate_command", "evaluation_plot", "engine.mapped"]
CORE += ["tiff_metadata", "tiff_reading", "tiff_writing", "comparison", "comparison_figures"]
CORE += ["comparison_ways", "batch_record", "file_layers"]
CORE += ["training", "file_lock", "catalogue_changes"]
CORE += [f"training_{name}" for name in ("choices", "runs", "process", "record", "chart")]
CORE += [f"training_{name}" for name in ("images", "layers", "preview", "sources")]
WALLED = ("napari", "qtpy", "PyQt6", "PyQt5", "PySide6", "torch", "autolut_training")
HEAVY = ("numba", "dask", "skimage", "scipy", "tifffile", "pandas", "matplotlib")


def loaded_by(module, names):
    """Which of the named packages a fresh process has loaded after importing a module."""
    code = f"import {module}, sys; print(*({names!r} & sys.modules.keys()))"
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def present(names):
    modules = ["napari_autolut", *(f"napari_autolut.{name}" for name in names)]
    return [module for module in modules if importlib.util.find_spec(module)]


@pytest.mark.parametrize("module", present(CORE))
def test_the_core_knows_no_gui_and_no_torch(module):
    assert loaded_by(module, set(WALLED)) == []


def test_importing_the_package_is_light():
    assert loaded_by("napari_autolut", set(HEAVY)) == []


def test_the_check_sees_imports():
    assert loaded_by("qtpy", set(WALLED)) != []

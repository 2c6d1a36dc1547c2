"""What ``from napari_autolut import ...`` gives: names, types, and examples that run."""

import doctest
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import napari_autolut

TYPED = Path(__file__).parent / "typed_usage.py"
MODULES = sorted({f"napari_autolut.{module}" for module in napari_autolut._MODULES.values()})


def test_every_public_name_is_there_and_explained():
    assert set(napari_autolut.__all__) <= set(dir(napari_autolut))
    for name in napari_autolut.__all__:
        value = getattr(napari_autolut, name)
        assert name == "__version__" or inspect.getdoc(value)


def test_other_names_are_refused():
    with pytest.raises(AttributeError, match="no attribute 'upscael'"):
        napari_autolut.upscael  # noqa: B018


def test_a_model_says_on_one_line_what_it_is(model):
    assert repr(model) == (
        "<LutModel 'small-x2': super-resolution x2, 2 stages, 4 look-ups, "
        f"{model.nbytes / 1024:.0f} KB>"
    )


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    failed, _ = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_most_public_functions_have_examples():
    for name in ("upscale", "Upscaler", "load_model", "save_model", "list_models", "evaluate"):
        assert ">>> " in inspect.getdoc(getattr(napari_autolut, name))


@pytest.mark.slow
def test_types(tmp_path):
    options = ["--strict", "--follow-imports=silent", "--config-file=", f"--cache-dir={tmp_path}"]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *options, TYPED],
        capture_output=True,
        text=True,
        env={**os.environ, "MYPYPATH": str(Path(napari_autolut.__file__).parents[1])},
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr

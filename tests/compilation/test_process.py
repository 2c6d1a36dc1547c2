"""Kernels compiled by another process: found in the cache, and compiled here where that fails."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from napari_autolut.compilation import process as module
from napari_autolut.engine import compiling

DOUBLED = """
from napari_autolut.compilation.kernels import kernel

@kernel
def doubled(x):
    return 2 * x
"""

ASK = """
from napari_autolut.compilation.kernels import listener
from napari_autolut.compilation.process import compiler_process
from kernels_of_a_test import doubled

here = []
listener.on_start = here.append
listener.on_end = lambda _: None
compiler_process.wanted = True
print(doubled(21), len(here), compiler_process.wanted)
compiler_process.end()
"""


def test_a_process_compiles_for_another(tmp_path, monkeypatch):
    (tmp_path / "kernels_of_a_test.py").write_text(DOUBLED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    run = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["42", "0", "True"], run.stderr


@pytest.fixture
def process():
    made = module.CompilerProcess()
    yield made
    made.end()


def a_function():
    """Stands for a kernel."""


@pytest.mark.parametrize(
    "program",
    [
        ("/no/such/python",),
        (sys.executable, "-c", "pass"),
        (sys.executable, "-c", "print('no'); input()"),
    ],
    ids=["missing", "ends", "fails"],
)
def test_where_it_cannot_compile_nobody_asks_again(process, monkeypatch, program):
    monkeypatch.setattr(module, "PROGRAM", program)
    process.wanted = True
    assert not process.compile(a_function, ())
    assert not process.wanted
    assert not compiling()


def test_nothing_is_started_that_nobody_wants(process, monkeypatch):
    monkeypatch.setattr(module, "PROGRAM", ("/no/such/python",))
    assert not process.compile(a_function, ())


def test_the_bar_is_seen_while_it_compiles(monkeypatch):
    monkeypatch.setattr(module.compilations, "under_way", 1)
    assert compiling()


class Kernel:
    """Takes down what it is compiled for."""

    def __init__(self):
        self.signatures = []

    def compile(self, signature):
        self.signatures.append(signature)


kernel = Kernel()


def test_it_answers_each_line():
    asked = module.packed(__name__, "kernel", ("a signature",))
    answers = io.StringIO()
    module.serve([asked, asked], answers)
    assert kernel.signatures == [("a signature",)] * 2
    assert answers.getvalue().split() == [module.DONE] * 2

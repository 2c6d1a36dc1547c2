"""Machine code of the kernels for other processors: it must round where this one's does.

A product that is added to a sum is rounded once if both are fused, and twice if they are not. What
is fused is written in the kernels; here their code for each target is read, which runs anywhere.
"""

from __future__ import annotations

import re

import llvmlite.binding as llvm
import numpy as np
import pytest
from numba import jit

from napari_autolut import upscale
from napari_autolut.engine.kernels import look_up_block, put_block
from napari_autolut.engine.sampling_steps import sample_block
from napari_autolut.engine.square_steps import square_block
from tests.conftest import small_model

ON_ARM = r"fmla(?:\.4s|\tv\d+\.4s)"
"""As Apple writes it and as others do, which llvmlite on Windows makes of both."""

TARGETS = {
    "x86-64, AVX2": ("x86_64-unknown-linux-gnu", "haswell", r"vfn?m(?:add|sub)\d+ps\t.*%ymm", 8),
    "x86-64, AVX-512": (
        "x86_64-unknown-linux-gnu", "skylake-avx512", r"vfn?m(?:add|sub)\d+ps\t.*%zmm", 16,
    ),
    "ARM, Linux": ("aarch64-unknown-linux-gnu", "generic", ON_ARM, 4),
    "ARM, macOS": ("arm64-apple-macosx13", "apple-m1", ON_ARM, 4),
}  # fmt: skip
"""Triple, processor, its fused instructions, and for how many pixels each of them is."""

ANY_FUSED = r"(?:vfn?m(?:add|sub)\w+|fmla|fmls|fn?madd|fn?msub)\b"
APPROXIMATE = r"(?:v?rcp|v?rsqrt|frecpe|frsqrte)\w*"

FUSED = re.compile(r"call <(\d+) x float> @llvm\.fma\.")


KERNELS = [look_up_block, put_block, sample_block, square_block]


@pytest.fixture(scope="module", params=KERNELS, ids=lambda each: each.__name__)
def compiled(request: pytest.FixtureRequest) -> str:
    """What LLVM is given for one shape of look-ups."""
    upscale(np.zeros((20, 20), np.uint8), small_model("small-x2", 2), engine="fast")
    kernel = request.param
    signature = kernel.signatures[0]
    own = jit(**kernel.targetoptions)(kernel.py_func)  # not from the cache
    own.compile(signature)
    return own.inspect_llvm(signature)


def assembly(code: str, triple: str, processor: str) -> str:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=processor, opt=3)
    code = re.sub(r"target (?:triple|datalayout) = .*", "", code)
    # How numba counts references on x86-64, which has nothing to do with pixels.
    code = code.replace("llvm.x86.atomic.sub.cc.i64", "counted_down").replace(" immarg", "")
    module = llvm.parse_assembly(code)
    module.triple, module.data_layout = triple, str(machine.target_data)
    return machine.emit_assembly(module)


def count(pattern: str, text: str) -> int:
    return len(re.findall(rf"^\s+{pattern}", text, re.MULTILINE))


def test_nothing_may_be_rearranged(compiled: str) -> None:
    assert not re.search(r"\b(?:fast|reassoc|contract|afn|arcp|nnan|ninf)\b", compiled)
    assert "llvm.fmuladd" not in compiled, "fused where the processor likes it"
    sums = "sample_block" in compiled or "square_block" in compiled
    assert bool(FUSED.search(compiled)) == sums


@pytest.mark.parametrize("target", TARGETS)
def test_the_same_sums_are_fused_on_every_processor(compiled: str, target: str) -> None:
    triple, processor, fused, pixels = TARGETS[target]
    code = assembly(compiled, triple, processor)
    meant = sum(int(lanes) for lanes in FUSED.findall(compiled))
    assert count(fused, code) * pixels == meant
    assert count(ANY_FUSED, code) == count(fused, code), "something else was fused"
    assert not count(APPROXIMATE, code)

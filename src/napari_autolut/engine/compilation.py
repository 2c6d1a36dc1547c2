"""How kernels are compiled: without the GIL, kept on disk, never failing for want of a cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite.binding import get_host_cpu_features
from numba import njit

WIDE_VECTORS = bool(get_host_cpu_features().get("avx512f", False))
"""Whether the processor has 32 registers of 16 floats, so that many sums can be kept at once."""


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function with numba on its first call.

    The machine code is kept in numba's cache folder; where no folder can be written (a read-only
    install without a home) it is compiled again in every process, which only costs time.
    """
    options = {"nogil": True, "error_model": "numpy"}
    try:
        return njit(cache=True, **options)(function)  # type: ignore[no-any-return]
    except RuntimeError:
        return njit(**options)(function)  # type: ignore[no-any-return]

"""Triton, whose own LLVM is not mistaken for another one in the process.

Belongs here: importing it, for the modules of kernels. Where Mesa draws a window it has loaded an
LLVM for all libraries that come later. Triton's calls would end in that one, and napari with them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _own_symbols_first() -> Iterator[None]:
    """Have libraries that are loaded meanwhile call their own functions, on Linux too."""
    deep = getattr(os, "RTLD_DEEPBIND", None)
    if deep is None:
        yield
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags | deep)
    try:
        yield
    finally:
        sys.setdlopenflags(flags)


with _own_symbols_first():
    import triton
    import triton.language as tl

__all__ = ["tl", "triton"]

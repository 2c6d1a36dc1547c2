"""How kernels are compiled: without the GIL, kept on disk, never failing for want of a cache.

Belongs here: numba's options, and who is told that it compiles. What is kept is ``cache.py``;
compiling in a process of its own is ``process.py``.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from llvmlite.binding import get_host_cpu_features
from numba import config, njit, types
from numba.core import cgutils, event
from numba.extending import intrinsic

from napari_autolut.compilation.cache import KernelCache
from napari_autolut.compilation.under_way import compilations
from napari_autolut.util.temporary import few_tries

if config.DISABLE_JIT:  # then kernels cannot run, and all is as where numba is missing
    raise ImportError("numba's compiler is switched off: unset NUMBA_DISABLE_JIT")

WIDE_VECTORS = bool(get_host_cpu_features().get("avx512f", False))
"""Whether the processor has 32 registers of 16 floats, so that many sums can be kept at once."""


_kernels: set[Any] = set()
"""What :class:`CompileListener` knows as ours."""


class CompileListener(event.Listener):  # type: ignore[misc]
    """Hears of what numba compiles; what it finds in its cache is not compiled.

    While it is one of our kernels, Python looks for no garbage: it would look at all that numba
    makes again and again, a tenth of the time.
    """

    def __init__(self) -> None:
        self._collected: list[bool] = []

    def on_start(self, event: Any) -> None:
        """Count one that begins."""
        self._collected.append(gc.isenabled())
        if event.data["dispatcher"] in _kernels:
            gc.disable()
        compilations.begin()

    def on_end(self, event: Any) -> None:
        """Count one less."""
        compilations.end()
        if self._collected.pop():
            gc.enable()


listener = CompileListener()
event.register("numba:compile", listener)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function with numba on its first call.

    The machine code is kept in numba's cache folder. Where no folder can be written (a read-only
    install without a home) it is compiled again in every process, which only costs time.
    """
    return _compiled(function, nogil=True)


def borrowing_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """:func:`kernel` for a function that makes no array of its own.

    Nobody counts who holds the arrays it is given, which takes a tenth less to compile.
    """
    return _compiled(function, nogil=True, _nrt=False)


def inner_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """:func:`borrowing_kernel` for a function that only other kernels call, :func:`by_address`.

    Nothing is compiled that takes its arguments out of Python's objects, nor again for each caller.
    """
    return _compiled(function, no_cpython_wrapper=True, _nrt=False)


def address(inner: Any, signature: Any) -> int:
    """Where the machine code of an inner kernel lies for arguments of some types."""
    inner.compile(signature)
    compiled = inner.overloads[signature.args]
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


def by_address(signature: Any) -> Any:
    """What kernels call, with an address and a tuple of arguments, to run an inner kernel there."""

    @intrinsic  # type: ignore[untyped-decorator]
    def call(typingctx: Any, address: Any, arguments: Any) -> Any:
        def codegen(context: Any, builder: Any, _: Any, values: Any) -> Any:
            convention, kinds = context.call_conv, (types.void, signature.args)
            pointer = convention.get_function_type(*kinds).as_pointer()
            function = builder.inttoptr(values[0], pointer)
            given = cgutils.unpack_tuple(builder, values[1])
            status, _ = convention.call_function(builder, function, *kinds, given)
            with cgutils.if_unlikely(builder, status.is_error):
                convention.return_status_propagate(builder, status)
            return context.get_dummy_value()

        return types.void(types.intp, types.Tuple(signature.args)), codegen

    return call


def _compiled(function: Callable[..., Any], **options: bool) -> Callable[..., Any]:
    compiled: Any = njit(error_model="numpy", no_cfunc_wrapper=True, **options)(function)
    with few_tries(), suppress(RuntimeError):  # numba creates a file in each folder it may take
        compiled._cache = KernelCache(function)
    _kernels.add(compiled)
    return compiled  # type: ignore[no-any-return]

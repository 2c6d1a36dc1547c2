"""Compiled kernels on disk: numba's cache, of which nothing damaged is used and nothing must work.

Belongs here: how the files of the cache are sealed and read. What is compiled, and how, is in
``kernels.py``.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile

from napari_autolut.compilation.process import compiler_process

SEAL_BYTES = hashlib.sha256().digest_size

OF_OTHERS = stat.S_IWGRP | stat.S_IWOTH
"""Rights to write of all but the owner."""

OWN = 0o644
"""Rights of a file of ours, whatever the umask lets groups do."""


class KernelCache(FunctionCache):  # type: ignore[misc]
    """numba's cache of one function; what it cannot read or write is compiled, and no error.

    numba itself unpickles whatever it finds. After a power failure that is an empty file, zeros or
    the first half of one, and every later run would end there.

    Parameters
    ----------
    function : callable
        The function before it is compiled.

    Raises
    ------
    RuntimeError
        If no folder can be written.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _SealedFiles(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=(self._impl.locator.get_source_stamp(), steps_stamp(self._py_func)),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Read a kernel; a missing one may be compiled into the cache by another process."""
        found = super().load_overload(sig, target_context)
        if found is None and compiler_process.compile(self._py_func, sig):
            found = super().load_overload(sig, target_context)
        return found

    @contextmanager
    def _guard_against_spurious_io_errors(self) -> Iterator[None]:
        """Stands around all that numba reads and writes: a full disk, rights that have gone."""
        with suppress(OSError):
            yield


def steps_stamp(function: Callable[..., Any]) -> list[tuple[str, int, int]]:
    """Stamps of the files beside a kernel's, and of those here.

    Kernels are made of steps in several of them. numba looks at the kernel's own file alone, and
    would go on with the steps of an older version.
    """
    rooms = Path(inspect.getfile(function)).parent, Path(__file__).parent
    return [stamp for room in rooms for stamp in stamps(room)]


@cache
def stamps(room: Path) -> list[tuple[str, int, int]]:
    """Names, times and sizes of a folder's files."""
    files = ((path.name, path.stat()) for path in sorted(room.glob("*.py")))
    return [(name, about.st_mtime_ns, about.st_size) for name, about in files]


def _is_trusted(about: os.stat_result) -> bool:
    """Whether nobody could write a file who cannot write this program, either.

    What is unpickled may do anything, and the folder of a cache may be everybody's, such as /tmp.
    """
    if not stat.S_ISREG(about.st_mode):  # a pipe, a device
        return False
    if not hasattr(os, "geteuid"):
        return True  # Windows: a cache is in the user's own folder
    program = Path(__file__).stat()
    known = about.st_uid in (os.geteuid(), program.st_uid, 0)
    return known and not about.st_mode & ~program.st_mode & OF_OTHERS


def _not_waiting(path: str, flags: int) -> int:
    """Open a file; of a pipe one would wait for ever for whoever writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


class _SealedFiles(IndexDataCacheFile):  # type: ignore[misc]
    """An index and its data files, each behind a checksum of what it holds.

    The checksum is over numba's version and the source, too: what another one wrote is not even
    unpickled, nor what another person could have written. A damaged file counts as missing, and
    the next compilation replaces it.
    """

    def _load_index(self) -> dict[Any, str]:
        return self._opened(self._index_path) or {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, overloads)

    def _load_data(self, name: str) -> Any:
        return self._opened(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _opened(self, path: str) -> Any:
        """What a file holds, None where it is missing, damaged, of another version or person."""
        try:
            with open(path, "rb", opener=_not_waiting) as file:
                content = file.read() if _is_trusted(os.fstat(file.fileno())) else b""
        except OSError:
            return None
        seal, packed = content[:SEAL_BYTES], content[SEAL_BYTES:]
        return pickle.loads(packed) if seal == self._seal(packed) else None

    def _write(self, path: str, held: Any) -> None:
        packed = self._dump(held)
        with self._open_for_write(path) as file:
            if hasattr(os, "fchmod"):
                with suppress(OSError):  # some shares know no rights
                    os.fchmod(file.fileno(), OWN)
            file.write(self._seal(packed) + packed)

    def _seal(self, packed: bytes) -> bytes:
        origin = repr((self._version, self._source_stamp)).encode()
        return hashlib.sha256(origin + packed).digest()

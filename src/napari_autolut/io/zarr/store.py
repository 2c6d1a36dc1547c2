"""Folders as zarr's stores: one that is written, on any disk, and one from a stranger that is read.

Imported on request, as zarr is optional.
"""

from __future__ import annotations

import asyncio
import os
import stat
import uuid
from pathlib import Path
from typing import Any

from zarr.core.buffer import Buffer
from zarr.storage import LocalStore

from napari_autolut.io.zarr.array_json import NAMES, in_words_of_zarr
from napari_autolut.util.in_use import move_file, remove_file


class NewStore(LocalStore):
    """A folder that only this process writes to, as it has a temporary name and a lock.

    Of a file that must be new zarr makes a hard link, so that of two writers one fails. Sticks and
    many shares have no links; here there is one writer, and it is enough to look first. And zarr
    renames each file once it is written, when scanners open it: here that is done with patience.
    """

    async def set(self, key: str, value: Buffer) -> None:
        """Write a file, whole or not at all."""
        self._check_writable()
        await asyncio.to_thread(_write, self.root / key, value)

    def set_sync(self, key: str, value: Buffer) -> None:
        """Write a file, as newer versions of zarr do."""
        self._check_writable()
        _write(self.root / key, value)

    async def set_if_not_exists(self, key: str, value: Buffer) -> None:
        """Write a file unless there is one."""
        if not await self.exists(key):
            await self.set(key, value)


def _write(path: Path, value: Buffer) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{uuid.uuid4().hex}.partial")
    try:
        with partial.open("xb") as file:
            file.write(value.as_numpy_array().data)
        move_file(partial, path)
    except BaseException:
        remove_file(partial)
        raise


class OwnFiles(LocalStore):
    """A folder of which only its own files are read: no pipes, devices, or what links lead to.

    Parameters
    ----------
    root : path-like
        The folder.
    """

    def __init__(self, root: Any, *, read_only: bool = True) -> None:
        super().__init__(root, read_only=read_only)
        self._real = os.path.join(os.path.realpath(root), "")  # noqa: PTH118 - for every chunk

    def _check(self, key: str) -> None:
        """Check a file that is there.

        Raises
        ------
        ValueError
            If it lies outside, or is no file.
        """
        path = os.path.realpath(self.root / key)
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116
        except (FileNotFoundError, NotADirectoryError):
            return
        if not path.startswith(self._real):
            raise ValueError(f"{key} leads out of its folder, which is refused")
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise ValueError(f"{key} is a pipe or device, expected a file")

    async def get(self, key: str, *args: Any, **options: Any) -> Buffer | None:
        """Read a file, or a part of it."""
        self._check(key)
        return self._readable(key, await super().get(key, *args, **options))

    def _readable(self, key: str, content: Buffer | None) -> Buffer | None:
        """A description of an array in words that zarr reads; other files as they are."""
        if content is None or key.rpartition("/")[2] not in NAMES:
            return content
        words = in_words_of_zarr(content.to_bytes(), (self.root / key).parent)
        return type(content).from_bytes(words)

    async def get_partial_values(self, prototype: Any, key_ranges: Any) -> list[Buffer | None]:
        """Read parts of files."""
        key_ranges = list(key_ranges)
        for key, _ in key_ranges:
            self._check(key)
        return await super().get_partial_values(prototype, key_ranges)

    def get_sync(self, key: str, *args: Any, **options: Any) -> Buffer | None:
        """Read a file, or a part of it, as newer versions of zarr do."""
        self._check(key)
        return self._readable(key, super().get_sync(key, *args, **options))

"""Where an OME-Zarr is written: a folder on any disk, also on one that knows no hard links.

Imported on request, as zarr is optional.
"""

from __future__ import annotations

from zarr.core.buffer import Buffer
from zarr.storage import LocalStore


class NewStore(LocalStore):
    """A folder that only this process writes to, as it has a temporary name and a lock.

    Of a file that must be new zarr makes a hard link, so that of two writers one fails. Sticks and
    many shares have no links; here there is one writer, and it is enough to look first.
    """

    async def set_if_not_exists(self, key: str, value: Buffer) -> None:
        """Write a file unless there is one."""
        if not await self.exists(key):
            await self.set(key, value)

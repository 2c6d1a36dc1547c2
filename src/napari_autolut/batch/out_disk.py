"""Whether the disk that a folder's results go to is still the one it was.

Belongs here: the question and its sentence. After an unmount a folder of the same name is often
left, on the system's own disk, and results would fill that unseen.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path

from napari_autolut.util.paths import existing_parent

GONE = (
    "was written, and is gone with its disk; connect it again and start once more: what is there "
    "is not done again"
)


class OutDisk:
    """Remembers the last result and the disk it lay on."""

    def __init__(self) -> None:
        self._last: tuple[Path, int] | None = None

    def written(self, out: Path) -> None:
        """Take note of a result, after asking whether the one before is still there."""
        self.check()
        with suppress(OSError):
            self._last = out, out.stat().st_dev

    def check(self) -> None:
        """Check that the last result is there, or its folder on the same disk.

        A number of a disk alone proves nothing, for disks may be mounted when they are first asked.
        Nor does a result that is gone, for it may have been moved.

        Raises
        ------
        OSError
            If neither is so; it names the result.
        """
        if self._last is None:
            return
        out, disk = self._last
        with suppress(FileNotFoundError):
            out.stat()
            return
        if existing_parent(out).stat().st_dev != disk:
            raise OSError(errno.ENODEV, GONE, str(out))
